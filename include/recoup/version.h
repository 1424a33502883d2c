/* Version and build. */
#ifndef RECOUP_VERSION_H
#define RECOUP_VERSION_H

#ifdef __cplusplus
extern "C" {
#endif

const char *recoup_version(void);  /* "0.1.0" */
const char *recoup_git_sha1(void); /* of the sources; "unknown" outside a checkout */
const char *recoup_build(void);    /* compiler and build type */

#ifdef __cplusplus
}
#endif
#endif
