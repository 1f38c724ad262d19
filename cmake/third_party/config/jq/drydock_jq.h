/* What jq's library reads from outside a program's inputs, given by its caller.
 *
 * libjq is built so that it never asks the operating system: same inputs, same
 * outputs, on every host. Set these before jq_compile; both may stay as they are. */
#ifndef DRYDOCK_JQ_H
#define DRYDOCK_JQ_H

#ifdef __cplusplus
extern "C" {
#endif

/* What `now` answers: seconds since 1970. */
extern double drydock_jq_now;
/* What `env` and `$ENV` hold: "NAME=value" strings, ended by a null pointer. */
extern char** drydock_jq_environment;

#ifdef __cplusplus
}
#endif

#endif
