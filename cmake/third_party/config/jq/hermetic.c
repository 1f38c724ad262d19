/* jq's view of the outside: an environment and a time that the caller sets, and
 * no files (this stands in for jq's own jv_file.c). */
#include "hermetic.h"

#include <string.h>

#include "jv.h"

static char* no_environment[] = {NULL};

double drydock_jq_now = 0;
char** drydock_jq_environment = no_environment;

char* hermetic_getenv(const char* name) {
  const size_t length = strlen(name);
  for (char** entry = drydock_jq_environment; *entry; ++entry) {
    if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=') return *entry + length + 1;
  }
  return NULL;
}

int hermetic_gettimeofday(struct timeval* time, void* zone) {
  (void)zone;
  time->tv_sec = (time_t)drydock_jq_now;
  time->tv_usec = (suseconds_t)((drydock_jq_now - (double)time->tv_sec) * 1e6);
  return 0;
}

jv jv_load_file(const char* name, int raw) {
  (void)raw;
  return jv_invalid_with_msg(jv_string_fmt("Could not open %s: No such file or directory", name));
}
