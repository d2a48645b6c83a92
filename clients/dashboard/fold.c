#include "clients/dashboard/fold.h"

#include "clients/dashboard/utf8.h"

#include <string.h>

#define LATIN_FIRST 0xc0
#define LATIN_END 0x180

// U+00C0 to U+017F, each as its letters without accent, in small.
static const char latin[][4] = {
    "a", "a", "a",  "a",  "a", "a", "ae", "c",  "e",  "e", "e", "e", "i",  "i",  "i", "i", "d", "n",
    "o", "o", "o",  "o",  "o", "",  "o",  "u",  "u",  "u", "u", "y", "th", "ss", "a", "a", "a", "a",
    "a", "a", "ae", "c",  "e", "e", "e",  "e",  "i",  "i", "i", "i", "d",  "n",  "o", "o", "o", "o",
    "o", "",  "o",  "u",  "u", "u", "u",  "y",  "th", "y", "a", "a", "a",  "a",  "a", "a", "c", "c",
    "c", "c", "c",  "c",  "c", "c", "d",  "d",  "d",  "d", "e", "e", "e",  "e",  "e", "e", "e", "e",
    "e", "e", "g",  "g",  "g", "g", "g",  "g",  "g",  "g", "h", "h", "h",  "h",  "i", "i", "i", "i",
    "i", "i", "i",  "i",  "i", "i", "ij", "ij", "j",  "j", "k", "k", "k",  "l",  "l", "l", "l", "l",
    "l", "l", "l",  "l",  "l", "n", "n",  "n",  "n",  "n", "n", "n", "n",  "n",  "o", "o", "o", "o",
    "o", "o", "oe", "oe", "r", "r", "r",  "r",  "r",  "r", "s", "s", "s",  "s",  "s", "s", "s", "s",
    "t", "t", "t",  "t",  "t", "t", "u",  "u",  "u",  "u", "u", "u", "u",  "u",  "u", "u", "u", "u",
    "w", "w", "y",  "y",  "y", "z", "z",  "z",  "z",  "z", "z", "s",
};
_Static_assert(sizeof(latin) / sizeof(latin[0]) == LATIN_END - LATIN_FIRST, "one row a letter");

// One character, folded into `to` (at most four bytes); how many there are, and how many bytes of
// the text it took. 0 folded bytes: it does not count, as an accent of its own.
static size_t fold_one(const char *text, char to[4], size_t *ret_taken)
{
    unsigned char first = (unsigned char)text[0];
    *ret_taken = 1;
    if (first < 0x80) {
        to[0] = (char)(first >= 'A' && first <= 'Z' ? first + ('a' - 'A') : first);
        return 1;
    }
    uint32_t number = utf8_read(text, strnlen(text, 4), ret_taken);
    if (number >= 0x300 && number < 0x370) {
        return 0;
    }
    if (number == 0xa0 || number == 0x2019) { // a space that does not break; a bent apostrophe
        to[0] = number == 0xa0 ? ' ' : '\'';
        return 1;
    }
    if (number >= LATIN_FIRST && number < LATIN_END && latin[number - LATIN_FIRST][0] != '\0') {
        size_t size = strlen(latin[number - LATIN_FIRST]);
        memcpy(to, latin[number - LATIN_FIRST], size);
        return size;
    }
    memcpy(to, text, *ret_taken);
    return *ret_taken;
}

static bool is_space(char letter)
{
    return letter == ' ' || (letter >= '\t' && letter <= '\r');
}

void fold_read(struct fold_words *words, const char *question)
{
    size_t size = 0, taken = 0;
    *words = (struct fold_words){0};
    for (; *question != '\0' && words->count < FOLD_WORDS; question += taken) {
        char letters[4];
        size_t count = fold_one(question, letters, &taken);
        if (count == 1 && is_space(letters[0])) {
            words->count += size > 0;
            size = 0;
        } else if (size + count <= FOLD_WORD_BYTES) {
            memcpy(words->words[words->count] + size, letters, count);
            size += count;
        }
    }
    words->count += size > 0 && words->count < FOLD_WORDS;
}

// Whether the text begins with the word; where it ends then. Accents that follow belong to it.
static bool begins(const char *text, const char *word, size_t *ret_size)
{
    size_t at = 0, taken = 0;
    while (*word != '\0' && text[at] != '\0') {
        char letters[4];
        size_t count = fold_one(text + at, letters, &taken);
        for (size_t i = 0; i < count && *word != '\0'; i++) {
            if (*word++ != letters[i]) {
                return false;
            }
        }
        at += taken;
    }
    char letters[4];
    while (*word == '\0' && text[at] != '\0' && fold_one(text + at, letters, &taken) == 0) {
        at += taken;
    }
    *ret_size = at;
    return *word == '\0';
}

bool fold_find(const char *text, size_t from, const char *word, size_t *ret_begin, size_t *ret_end)
{
    size_t taken = 0, size = 0;
    for (size_t at = from; text[at] != '\0'; at += taken) {
        char letters[4];
        size_t count = fold_one(text + at, letters, &taken);
        if (count > 0 && letters[0] == word[0] && begins(text + at, word, &size)) {
            *ret_begin = at;
            *ret_end = at + size;
            return true;
        }
    }
    return false;
}
