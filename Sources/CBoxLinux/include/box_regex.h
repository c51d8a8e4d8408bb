// POSIX extended regular expressions, regcomp(3).
#pragma once
struct box_regex;
// NULL for what is none.
struct box_regex *box_regex_compile(const char *pattern);
long box_regex_matches(const struct box_regex *regex, const char *text);
void box_regex_free(struct box_regex *regex);
