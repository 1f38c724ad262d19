/* Included before every source of jq: points what reaches the operating system
 * at hermetic.c. Local time is UTC, as on Drydock's hosts. */
#ifndef DRYDOCK_JQ_HERMETIC_H
#define DRYDOCK_JQ_HERMETIC_H

/* The system's own declarations first: the names below are macros afterwards. */
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "drydock_jq.h"

char* hermetic_getenv(const char* name);
int hermetic_gettimeofday(struct timeval* time, void* zone);

#define environ drydock_jq_environment
#define getenv hermetic_getenv
#define gettimeofday hermetic_gettimeofday
#define localtime_r gmtime_r

#endif
