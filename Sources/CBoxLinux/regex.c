#include "box_regex.h"
#include <regex.h>
#include <stdlib.h>

struct box_regex { regex_t compiled; };

struct box_regex *box_regex_compile(const char *pattern) {
    struct box_regex *regex = malloc(sizeof *regex);
    if (!regex || regcomp(&regex->compiled, pattern, REG_EXTENDED | REG_NOSUB) == 0) return regex;
    free(regex);
    return NULL;
}
long box_regex_matches(const struct box_regex *regex, const char *text) {
    return regexec(&regex->compiled, text, 0, NULL, 0) == 0;
}
void box_regex_free(struct box_regex *regex) {
    regfree(&regex->compiled);
    free(regex);
}
