/*
 * lazy - libzmq, libczmq and libcrypto are loaded at the first call of a function of theirs.
 *
 * They bring some thirty others along (Kerberos, libstdc++, libsystemd). To load those takes longer
 * than all else that a help text or a completed word needs, and neither needs any of them. So the
 * program defines the functions of lazy.def itself, and each looks up the real one when it is first
 * called. Whoever calls them (libwaternet, which is linked statically, and proto) is compiled as
 * for everybody, and libwaternet.so is linked to its libraries as ever. To load libwaternet.so
 * itself would not do: the program hashes too, and would have to find it, in its own version,
 * beside a program that runs where it was built.
 *
 * Only the program's one thread calls them: those of libzmq and libczmq call the real ones.
 */
#include "clients/cli/output.h"

#include <czmq.h>
#include <dlfcn.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <zmq.h>

enum library { ZMQ, CZMQ, CRYPTO };

// A library that is not there ends the program, as it would at its start if it were linked.
static void *find(enum library library, const char *function)
{
    static const char *const names[] = {
        [ZMQ] = LIBZMQ_SONAME, [CZMQ] = LIBCZMQ_SONAME, [CRYPTO] = LIBCRYPTO_SONAME};
    static void *loaded[sizeof names / sizeof names[0]];
    if (loaded[library] == NULL) {
        loaded[library] = dlopen(names[library], RTLD_LAZY | RTLD_LOCAL);
    }
    void *found = loaded[library] == NULL ? NULL : dlsym(loaded[library], function);
    if (found == NULL) {
        const char *why = dlerror();
        exit(output_failed(EXIT_FAILURE, "%s; install the library again",
                           why == NULL ? names[library] : why));
    }
    return found;
}

#define FOUND(library, name)                                                                       \
    static __typeof__(&(name)) real;                                                               \
    if (real == NULL) {                                                                            \
        void *found = find(library, #name);                                                        \
        memcpy(&real, &found, sizeof real); /* ISO C has no cast for it */                         \
    }
#define LAZY(library, result, name, parameters, arguments)                                         \
    result(name) parameters                                                                        \
    {                                                                                              \
        FOUND(library, name)                                                                       \
        return real arguments;                                                                     \
    }
#define LAZY_VOID(library, name, parameters, arguments)                                            \
    void(name) parameters                                                                          \
    {                                                                                              \
        FOUND(library, name)                                                                       \
        real arguments;                                                                            \
    }
#include "clients/cli/lazy.def"
