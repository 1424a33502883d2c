/* The dictionary of names, the nearest name, and the hash under them. */
#include "base/names.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Test vectors of the FNV reference page (isthe.com/chongo/tech/comp/fnv), 64-bit FNV-1a. */
static void test_hash(void **state) {
    (void)state;
    assert_true(recoup_hash(RECOUP_HASH_START, "", 0) == 0xcbf29ce484222325u);
    assert_true(recoup_hash(RECOUP_HASH_START, "a", 1) == 0xaf63dc4c8601ec8cu);
    assert_true(recoup_hash(RECOUP_HASH_START, "foobar", 6) == 0x85944171f73967e8u);
    uint64_t foo = recoup_hash(RECOUP_HASH_START, "foo", 3);
    assert_true(recoup_hash(foo, "bar", 3) == 0x85944171f73967e8u); /* chained */
    assert_true(recoup_hash_text(foo, "bar") == recoup_hash(foo, "bar", 4));
}

static void test_dictionary(void **state) {
    (void)state;
    recoup_names names = {0};
    assert_int_equal(recoup_names_find(&names, "x"), -1);
    enum { N = 20000 };
    char text[32];
    for (int i = 0; i < N; i++) {
        snprintf(text, sizeof text, "deal-%d", i);
        assert_int_equal(recoup_names_add(&names, text), i);
    }
    for (int i = 0; i < N; i++) {
        snprintf(text, sizeof text, "deal-%d", i);
        assert_int_equal(recoup_names_find(&names, text), i);
        assert_int_equal(recoup_names_add(&names, text), i);
        assert_string_equal(names.name[i], text);
    }
    assert_int_equal(names.n, N);
    assert_int_equal(recoup_names_find(&names, "deal-20000"), -1);
    assert_int_equal(recoup_names_find(&names, "Deal-1"), -1);
    assert_int_equal(recoup_names_add(&names, ""), N);
    assert_int_equal(recoup_names_find(&names, ""), N);
    recoup_names_clear(&names);
    assert_int_equal(names.n, 0);
    assert_int_equal(recoup_names_find(&names, "deal-1"), -1);
    recoup_names_clear(&names);
}

static void test_nearest(void **state) {
    (void)state;
    char *const keys[] = {"name", "as_of", "period", "quota", "simulation", "seed", "plans"};
    enum { N = sizeof keys / sizeof *keys };
    assert_string_equal(recoup_names_nearest(keys, N, "qouta"), "quota");          /* swapped */
    assert_string_equal(recoup_names_nearest(keys, N, "simulaton"), "simulation"); /* missing */
    assert_string_equal(recoup_names_nearest(keys, N, "perriod"), "period");       /* doubled */
    assert_string_equal(recoup_names_nearest(keys, N, "plang"), "plans");          /* replaced */
    assert_string_equal(recoup_names_nearest(keys, N, "QUOTA"), "quota");          /* letter case */
    assert_string_equal(recoup_names_nearest(keys, N, "as-of"), "as_of");
    assert_string_equal(recoup_names_nearest(keys, N, "seed"), "seed");
    assert_null(recoup_names_nearest(keys, N, "competitor"));
    assert_null(recoup_names_nearest(keys, N, ""));
    assert_null(recoup_names_nearest(keys, 0, "quota"));
    char text[400];
    memset(text, 'q', sizeof text);
    text[sizeof text - 1] = '\0';
    assert_null(recoup_names_nearest(keys, N, text));
}

/* Optimal string alignment by its definition, exponential time. */
static size_t slow_distance(const char *a, size_t n, const char *b, size_t m) {
    if (n == 0 || m == 0)
        return n + m;
    bool same = tolower((unsigned char)a[n - 1]) == tolower((unsigned char)b[m - 1]);
    size_t best = slow_distance(a, n - 1, b, m - 1) + !same;
    size_t d = slow_distance(a, n - 1, b, m) + 1;
    best = d < best ? d : best;
    d = slow_distance(a, n, b, m - 1) + 1;
    best = d < best ? d : best;
    if (n > 1 && m > 1 && tolower((unsigned char)a[n - 1]) == tolower((unsigned char)b[m - 2]) &&
        tolower((unsigned char)a[n - 2]) == tolower((unsigned char)b[m - 1])) {
        d = slow_distance(a, n - 2, b, m - 2) + 1;
        best = d < best ? d : best;
    }
    return best;
}

static void random_word(uint64_t *x, char *word, size_t max) {
    *x = *x * 6364136223846793005u + 1442695040888963407u; /* Knuth's MMIX generator */
    size_t n = 3 + (size_t)(*x >> 33) % (max - 3);
    for (size_t i = 0; i < n; i++) {
        *x = *x * 6364136223846793005u + 1442695040888963407u;
        word[i] = "abcAC"[(*x >> 33) % 5];
    }
    word[n] = '\0';
}

static void test_nearest_is_the_nearest(void **state) {
    (void)state;
    enum { N = 4, SIZE = 7, TRIALS = 300 };
    uint64_t x = 7;
    int found = 0;
    for (int trial = 0; trial < TRIALS; trial++) {
        char words[N][SIZE + 1], text[SIZE + 1];
        char *names[N];
        random_word(&x, text, SIZE);
        size_t best = SIZE_MAX;
        for (int i = 0; i < N; i++) {
            random_word(&x, words[i], SIZE);
            names[i] = words[i];
            size_t d = slow_distance(words[i], strlen(words[i]), text, strlen(text));
            best = d < best ? d : best;
        }
        const char *nearest = recoup_names_nearest(names, N, text);
        if (nearest) {
            found++;
            assert_int_equal(slow_distance(nearest, strlen(nearest), text, strlen(text)), best);
        } else {
            assert_true(best > 1); /* one slip in three letters or more is always found */
        }
    }
    assert_in_range(found, TRIALS / 10, TRIALS - TRIALS / 10); /* both cases were seen */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hash),
        cmocka_unit_test(test_dictionary),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_nearest_is_the_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
