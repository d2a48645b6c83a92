/*
 * fill - the command that would post an event, for people to copy and fill in.
 */
#ifndef CLI_FILL_H
#define CLI_FILL_H

// "waternet post TYPE ENTITY --region REGION --FLAG VALUE...": every flag that the type requires,
// and those that gaps.def has for `gap` (NULL: none). What people have to fill in is in capitals.
// The caller frees it; NULL if there is no such type.
char *fill_command(const char *type, const char *path, const char *gap);

#endif
