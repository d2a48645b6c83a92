"""The tables of a store as LMDB itself reads them: {table: [(key, value)]}, with its own library."""

import ctypes
import ctypes.util

RDONLY, NEXT = 0x20000, 8


class Value(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("data", ctypes.c_void_p)]

    def bytes(self):
        return ctypes.string_at(self.data, self.size)


def read_tables(store, *names):
    lmdb = ctypes.CDLL(ctypes.util.find_library("lmdb"))

    def call(name, *arguments):
        error = getattr(lmdb, name)(*arguments)
        assert error == 0, (name, error)

    def rows(transaction, name):
        table, cursor = ctypes.c_uint(), ctypes.c_void_p()
        call("mdb_dbi_open", transaction, name.encode(), 0, ctypes.byref(table))
        call("mdb_cursor_open", transaction, table, ctypes.byref(cursor))
        key, value, found = Value(), Value(), []
        while lmdb.mdb_cursor_get(cursor, ctypes.byref(key), ctypes.byref(value), NEXT) == 0:
            found.append((key.bytes(), value.bytes()))
        lmdb.mdb_cursor_close(cursor)
        return found

    environment, transaction = ctypes.c_void_p(), ctypes.c_void_p()
    call("mdb_env_create", ctypes.byref(environment))
    call("mdb_env_set_maxdbs", environment, 16)
    call("mdb_env_open", environment, str(store).encode(), RDONLY, 0o600)
    call("mdb_txn_begin", environment, None, RDONLY, ctypes.byref(transaction))
    tables = {name: rows(transaction, name) for name in names}
    lmdb.mdb_txn_abort(transaction)
    lmdb.mdb_env_close(environment)
    return tables
