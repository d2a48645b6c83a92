// Any bytes as a sent form and, of its values, as a question and a text to search.
#include "clients/dashboard/fold.h"
#include "clients/dashboard/form.h"
#include "clients/dashboard/seal.h"
#include "proto/wire.h"

#include <assert.h>
#include <string.h>

static void check_search(const char *text, const char *question)
{
    struct fold_words words;
    size_t begin = 0, end = 0;
    fold_read(&words, question);
    assert(words.count <= FOLD_WORDS);
    for (size_t i = 0; i < words.count; i++) {
        size_t size = strlen(words.words[i]);
        assert(size > 0 && size <= FOLD_WORD_BYTES);
        if (fold_find(text, 0, words.words[i], &begin, &end)) {
            assert(begin < end && end <= strlen(text));
        }
        assert(fold_find(words.words[i], 0, words.words[i], &begin, &end) && begin == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct sent_form form;
    uint64_t ms = 0;
    if (!form_read(&form, (const char *)data, size)) {
        assert(form.count == 0);
        return 0;
    }
    assert(form.count <= FORM_ROWS_MAX && size <= FORM_BYTES_MAX);
    for (size_t i = 0; i < form.count; i++) {
        const char *value = form.rows[i].value;
        assert(form.rows[i].name[0] != '\0' && strlen(value) <= size);
        assert(wire_is_utf8(bytes_of(value)) && strchr(value, '\r') == NULL);
        assert(form_get(&form, form.rows[i].name) == value);
        check_search(form.rows[0].value, value);
        (void)seal_read_id(value, &ms); // reads no further than it is long
    }
    return 0;
}
