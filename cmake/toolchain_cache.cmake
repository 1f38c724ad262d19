# Finds the per-user cache of tools and libraries, and fills it on first use.
#
# Sets DRYDOCK_DEPS (prefix with include/ and lib/ for this platform) and
# DRYDOCK_K8S_MODELS_DIR, and for the WASM build the compilers. Whoever has the
# libraries elsewhere passes -DDRYDOCK_DEPS=… and -DDRYDOCK_K8S_MODELS_DIR=….
if(DRYDOCK_WASM)
  set(platform wasm)
else()
  set(platform native)
endif()
if(NOT DEFINED DRYDOCK_DEPS)
  execute_process(
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/cmake/setup/setup.sh ${platform}
    OUTPUT_VARIABLE answer OUTPUT_STRIP_TRAILING_WHITESPACE
    COMMAND_ERROR_IS_FATAL ANY)
  # The answer is CMake: set(...) lines with the paths.
  cmake_language(EVAL CODE "${answer}")
endif()
