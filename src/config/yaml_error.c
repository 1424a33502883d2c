/* libyaml's messages speak of tokens and productions; these speak of what to change. */
#include "config/place.h"

#include <string.h>

typedef struct translation {
    const char *context; /* NULL: any; a part of libyaml's text */
    const char *problem; /* a part of libyaml's text */
    bool at_context;     /* the place that helps is where the construct began */
    const char *sentence;
} translation;

/* The first that fits. Source of the texts: libyaml 0.2.5, scanner.c and parser.c. */
static const translation translations[] = {
    {NULL, "could not find expected ':'", true,
     "a key needs ':' and a blank after it: 'key: value'"},
    {NULL, "block sequence entries are not allowed", false,
     "a list item '- ' cannot start here; put it on its own line, indented like the others"},
    {NULL, "mapping values are not allowed", false,
     "a ':' cannot stand here; check the indentation, or quote a text that holds ': '"},
    {NULL, "found unexpected ':'", false, "a text that holds ':' is to be quoted here"},
    {NULL, "mapping keys are not allowed", false,
     "a '?' cannot stand here; quote a text that starts with it"},
    {"while scanning a quoted scalar", "found unexpected", true,
     "the quotation mark that opens here is not closed"},
    {NULL, "found unknown escape character", false,
     "unknown escape after a backslash; write \\\\ for a backslash, or use single quotes"},
    {NULL, "did not find expected hexdecimal number", false,
     "hexadecimal digits are expected after \\x, \\u or \\U"},
    {NULL, "found invalid Unicode character escape code", false,
     "this escape is not a Unicode character"},
    {"while scanning an a", "did not find expected alphabetic", true,
     "a value cannot start with '&' or '*'; quote the text"},
    {"while scanning a tag", "", true,
     "tags (!) are not used here; quote a text that starts with '!'"},
    {"while parsing a node", "tag handle", true,
     "tags (!) are not used here; quote a text that starts with '!'"},
    {NULL, "found a tab character", false, "a tab indents this line; indent with blanks"},
    {"while scanning a block scalar", "", false,
     "after '|' or '>' the text starts on the next line"},
    {"directive", "", false, "a line that starts with '%' is a YAML directive; quote the text"},
    {NULL, "%YAML directive", false, "one '%YAML 1.1' line at most is allowed"},
    {NULL, "incompatible YAML document", false, "this version of YAML is not supported"},
    {NULL, "expected <document start>", false,
     "this line belongs to nothing; check the indentation, and that brackets and quotation marks "
     "before it are in pairs"},
    {"flow mapping", "did not find expected ',' or '}'", true,
     "the '{' that opens here is not closed, or a ',' is missing between two keys"},
    {"flow sequence", "did not find expected ',' or ']'", true,
     "the '[' that opens here is not closed, or a ',' is missing between two items"},
    {"flow node", "did not find expected node content", false,
     "a value is missing here, between two commas or brackets"},
    {NULL, "did not find expected node content", false, "a value is missing here"},
    {"block mapping", "did not find expected key", false,
     "a key is expected here; check the indentation (the keys of one mapping start in one column), "
     "and that nothing follows a closing quotation mark or bracket"},
    {"block collection", "did not find expected '-'", false,
     "a list item '- ' is expected here; check the indentation"},
};

recoup_status recoup_document_fail_yaml(const recoup_document *document,
                                        const yaml_parser_t *parser, recoup_error *error) {
    if (parser->error == YAML_MEMORY_ERROR)
        return recoup_fail_memory(error);
    const char *problem = parser->problem ? parser->problem : "";
    const char *context = parser->context ? parser->context : "";
    int line = (int)parser->problem_mark.line + 1, column = (int)parser->problem_mark.column + 1;
    if (strstr(problem, "cannot start any token"))
        return recoup_document_fail(document, line, column, error,
                                    "a value cannot start with this character; quote the text");
    for (size_t i = 0; i < sizeof translations / sizeof *translations; i++) {
        const translation *t = &translations[i];
        if ((t->context && !strstr(context, t->context)) || !strstr(problem, t->problem))
            continue;
        if (t->at_context) {
            line = (int)parser->context_mark.line + 1;
            column = (int)parser->context_mark.column + 1;
        }
        return recoup_document_fail(document, line, column, error, "%s", t->sentence);
    }
    return recoup_document_fail(document, line, column, error, "this is not YAML: %s", problem);
}
