/*
 * store_private - what the three files of the store share; nobody else includes it.
 *
 *     store.c        failures, transactions, rows
 *     store_log.c    the log, its head, walks
 *     store_open.c   the rules of opening
 *     store_make.c   the directory, its lock, and how a new store comes to be
 *     store_files.c  what stands beside the tables: growth, HEAD, private parts, figures
 */
#ifndef DAEMON_SUPPORT_STORE_PRIVATE_H
#define DAEMON_SUPPORT_STORE_PRIVATE_H

#include "daemon/support/store.h"

#include <lmdb.h>

// Failures: an errno or MDB_ number as a status, the one place that does this, and in words.
enum status store_translate(int error);
const char *store_error(int error);
// Sets store->problem and returns status. On the writing thread only, or while opening.
enum status store_problem(struct store *store, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// The same for a failed call; what is a name in the directory, "" for the directory itself.
enum status store_failed(struct store *store, const char *what, int error);
// Adds a warning, the line that an opening which went well leaves.
void store_warn(struct store *store, const char *text);
// What a damaged store's line ends with.
#define STORE_RESTORE "keep a copy of the directory and restore the newest backup"

void store_fail_with(struct txn *txn, int error);
// False after a failure.
bool store_is_usable(const struct txn *txn);

static inline MDB_val store_to_val(struct bytes bytes)
{
    // LMDB writes through none of the values that are handed to it.
    return (MDB_val){.mv_size = bytes.size, .mv_data = (void *)(uintptr_t)bytes.data};
}

static inline struct bytes store_from_val(MDB_val value)
{
    return (struct bytes){.data = value.mv_data, .size = value.mv_size};
}

// Opens the environment of that name in the directory.
int store_open_environment(struct store *store, const char *name, unsigned flags);
// The tables; made where they are missing if make. *ret_name is the table that failed.
int store_open_tables(struct MDB_txn *handle, bool make, unsigned ret_tables[TABLE_COUNT],
                      const char **ret_name);

// Steps of opening.
enum status store_open_directory(struct store *store);
enum status store_take_lock(struct store *store);
enum status store_find_store(struct store *store);
// Makes private/ if need be, and removes the parts of events above the head.
enum status store_open_private(struct store *store, uint64_t head_seq);
// A reader that can do nothing with the readers' table.
bool store_reads_without_table(const struct store *store);

// The line of HEAD.
struct head_line {
    bool present;
    uint64_t seq;
    char log[2 * LOG_ID_BYTES + 1];
    char root[2 * HASH_BYTES + 1];
};
// STATUS_OK with present false where there is none, or an empty one (*ret_empty).
enum status store_read_head(struct store *store, struct head_line *ret_line, bool *ret_empty);

// What the last turn with erasures destroys.
uint32_t store_get_erased(struct txn *txn, uint64_t ret_seqs[TURN_ERASURES_MAX]);

// How far a file system, by its magic number in statfs, can be trusted with the store.
enum file_system { FILE_SYSTEM_LOCAL, FILE_SYSTEM_DOUBTFUL, FILE_SYSTEM_NETWORK };
enum file_system store_judge_file_system(uint32_t magic, const char **ret_name);

#endif
