#include <recoup/version.h>

#include "recoup_git_sha1.h" /* generated: RECOUP_GIT_SHA1 */

const char *recoup_version(void) {
    return RECOUP_VERSION;
}

const char *recoup_git_sha1(void) {
    return RECOUP_GIT_SHA1;
}

const char *recoup_build(void) {
    return RECOUP_BUILD;
}
