#include "clients/dashboard/embedded.h"

// Put into the program by the assembler; C17 has no way of its own.
#define EMBED(NAME, file)                                                                          \
    __asm__(".section .rodata\n"                                                                   \
            ".global embedded_" #NAME "\n"                                                         \
            ".hidden embedded_" #NAME "\n"                                                         \
            "embedded_" #NAME ":\n"                                                                \
            ".incbin \"" SOURCE_DIR "/" file "\"\n"                                                \
            ".byte 0\n"                                                                            \
            ".text\n");
#include "clients/dashboard/embedded.def"
#undef EMBED
