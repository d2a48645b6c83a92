/*
 * fail - named places where a test can make the machine fail.
 *
 * FAIL_POINT(name) is 0 in a release build. In a test build it is an errno (or MDB_) number when
 * the environment has WATERNET_FAIL="name:number" or "name:number:nth", from the nth passing on (1
 * if not said), and 0 otherwise. number "kill" ends the process there and then, as kill -9 would.
 */
#ifndef DAEMON_SUPPORT_FAIL_H
#define DAEMON_SUPPORT_FAIL_H

#ifdef WATERNET_FAIL_POINTS
int fail_point(const char *name);
#define FAIL_POINT(name) fail_point(#name)
#else
#define FAIL_POINT(name) 0
#endif

#endif
