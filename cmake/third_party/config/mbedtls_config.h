/* mbedTLS as Drydock uses it: keys, certificates and digests, no sockets.
 *
 * mbedTLS's own default configuration less everything that would reach the
 * operating system: the core draws randomness and time from its ports. */
#ifndef DRYDOCK_MBEDTLS_CONFIG_H
#define DRYDOCK_MBEDTLS_CONFIG_H

#include "mbedtls/config.h"

#undef MBEDTLS_NET_C
#undef MBEDTLS_TIMING_C
#undef MBEDTLS_FS_IO
#undef MBEDTLS_PSA_ITS_FILE_C
#undef MBEDTLS_PSA_CRYPTO_STORAGE_C
#undef MBEDTLS_PSA_CRYPTO_C
#undef MBEDTLS_HAVE_TIME
#undef MBEDTLS_HAVE_TIME_DATE
#undef MBEDTLS_SELF_TEST
/* Assembly and CPU extensions differ between the native and the WASM build. */
#undef MBEDTLS_HAVE_ASM
#undef MBEDTLS_AESNI_C
#undef MBEDTLS_PADLOCK_C
/* No platform entropy: whoever needs randomness passes it in. */
#define MBEDTLS_NO_PLATFORM_ENTROPY

#endif
