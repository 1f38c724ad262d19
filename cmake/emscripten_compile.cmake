# Has clang compile for WebAssembly itself, with the flags that emcc would give it.
#
# emcc is a Python program that starts clang: a second of processor time for every
# source, a third of a clean build. It still links. Include after project().
if(NOT EMSCRIPTEN)
  return()
endif()
execute_process(COMMAND ${CMAKE_C_COMPILER} --cflags
  OUTPUT_VARIABLE emscripten_flags OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
# What it adds where nobody chose a kind of exceptions; all our sources choose one.
string(REGEX REPLACE "-fignore-exceptions|-mllvm -enable-emscripten-sjlj" "" emscripten_flags "${emscripten_flags}")
set(CMAKE_C_COMPILE_OBJECT "clang-19 ${emscripten_flags} <DEFINES> <INCLUDES> <FLAGS> -o <OBJECT> -c <SOURCE>")
set(CMAKE_CXX_COMPILE_OBJECT "clang++-19 ${emscripten_flags} <DEFINES> <INCLUDES> <FLAGS> -o <OBJECT> -c <SOURCE>")
set(CMAKE_AR llvm-ar-19)
set(CMAKE_RANLIB llvm-ranlib-19)
