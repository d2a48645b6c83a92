/*
 * scratch - directories that are gone when the test is.
 */
#ifndef TESTS_UNIT_SCRATCH_H
#define TESTS_UNIT_SCRATCH_H

// A new empty directory below $TMPDIR or /tmp, removed with all that is in it when the process that
// asked for it exits (a child that forked off it removes nothing). Good until then.
const char *scratch_dir(void);

#endif
