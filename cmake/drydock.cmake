# How a part of Drydock is declared.
#
#   drydock_library(store DEPS machinery)      core/store/*.cpp  -> drydock::store
#   drydock_test(store DEPS apiserver)         tests/store/*.cpp -> test_store, a ctest row
#   drydock_generate(sources TOOL … OUTPUTS …) a generator's sources -> generated .cpp files
#
# Sources are globbed, sub-folders included, so adding a file needs no edit
# here. A folder without sources is an interface library, or no test at all.

add_library(drydock_options INTERFACE)
target_compile_features(drydock_options INTERFACE cxx_std_20)
target_include_directories(drydock_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(drydock_options INTERFACE
  # Nothing asks for a type by name; the names of all of them are a part of a download.
  -fno-rtti
  # Floating-point results must be the same bits natively and in WASM.
  -ffp-contract=off
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Wextra-semi -Werror
  # Designated initializers that leave members at their defaults are our habit.
  -Wno-missing-field-initializers -Wno-missing-designated-field-initializers
  # Upstream's sources and ours disagree on nothing but these on clang.
  -Wno-gnu-zero-variadic-macro-arguments)
if(EMSCRIPTEN)
  target_link_options(drydock_options INTERFACE -fwasm-exceptions)
endif()
if(DRYDOCK_SANITIZE)
  target_compile_options(drydock_options INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(drydock_options INTERFACE -fsanitize=address,undefined)
endif()

# Everything that the fuzzers reach counts its edges (preset fuzz, target fuzz).
if(DRYDOCK_FUZZ)
  target_compile_options(drydock_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# What nearly every source includes, parsed once: a third off a clean build. Only
# where whole builds are made (release, wasm): the dev build shows missing includes
# and shares its objects between work trees through ccache.
option(DRYDOCK_PRECOMPILED_HEADERS "Parse the common headers once")

# drydock_code_generation(<target> [SMALL] [THROWING])
# SMALL is for code that runs now and then and is most of what a page downloads: in
# WASM it is made for size (half of -O2's), everywhere else for speed.
# Without THROWING no exception can be thrown or passed on: what would clean up behind
# one is a sixth of the code.
function(drydock_code_generation target)
  set(options -fno-exceptions)
  set(set drydock_precompiled)
  if("THROWING" IN_LIST ARGN)
    set(options "$<IF:$<BOOL:${EMSCRIPTEN}>,-fwasm-exceptions,-fexceptions>")
    string(APPEND set _throwing)
  endif()
  if(EMSCRIPTEN AND "SMALL" IN_LIST ARGN)
    list(APPEND options -Oz)
    string(APPEND set _small)
  endif()
  target_compile_options(${target} PRIVATE ${options})
  if(NOT DRYDOCK_PRECOMPILED_HEADERS)
    return()
  endif()
  if(NOT TARGET ${set})  # each set of options needs parsed headers of its own
    file(WRITE ${CMAKE_BINARY_DIR}/${set}.cpp "")
    add_library(${set} OBJECT ${CMAKE_BINARY_DIR}/${set}.cpp)
    target_link_libraries(${set} PRIVATE drydock_options)
    target_compile_options(${set} PRIVATE ${options} "SHELL:-Xclang -fno-pch-timestamp")  # lets ccache recognise it
    target_precompile_headers(${set} PRIVATE
      <algorithm> <chrono> <cstdint> <functional> <map> <memory> <optional> <set> <span> <string> <string_view> <utility> <vector>
      ${CMAKE_SOURCE_DIR}/core/base/result.h ${CMAKE_SOURCE_DIR}/core/base/strings.h ${CMAKE_SOURCE_DIR}/core/base/sync.h
      ${CMAKE_SOURCE_DIR}/core/base/task.h ${CMAKE_SOURCE_DIR}/core/base/event_loop.h ${CMAKE_SOURCE_DIR}/core/machinery/value.h)
  endif()
  target_precompile_headers(${target} REUSE_FROM ${set})
endfunction()

# drydock_generate(<variable> TOOL <folder> OUTPUTS <file names> [ARGUMENTS …] [DEPENDS …])
# Compiles the C++ sources of <folder> for the machine that builds, in the WASM
# build too, and runs the program as `tool <output folder> <arguments…>`. Sets
# <variable> to the paths of the outputs.
function(drydock_generate variable)
  cmake_parse_arguments(arg "" "TOOL" "OUTPUTS;ARGUMENTS;DEPENDS" ${ARGN})
  get_filename_component(name ${arg_TOOL} NAME)
  file(GLOB sources CONFIGURE_DEPENDS ${arg_TOOL}/*.cpp)
  file(GLOB headers CONFIGURE_DEPENDS ${arg_TOOL}/*.h)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/generated/${name})
  file(MAKE_DIRECTORY ${folder})
  add_custom_command(
    OUTPUT ${folder}/${name}
    COMMAND clang++-19 -std=c++20 -O1 -isystem ${DRYDOCK_DEPS}/include -I ${CMAKE_SOURCE_DIR} -o ${folder}/${name} ${sources}
    DEPENDS ${sources} ${headers}
    COMMENT "Building the generator ${name}"
    VERBATIM)
  list(TRANSFORM arg_OUTPUTS PREPEND ${folder}/)
  add_custom_command(
    OUTPUT ${arg_OUTPUTS}
    COMMAND ${folder}/${name} ${folder} ${arg_ARGUMENTS}
    DEPENDS ${folder}/${name} ${arg_DEPENDS}
    COMMENT "Running the generator ${name}"
    VERBATIM)
  set(${variable} ${arg_OUTPUTS} PARENT_SCOPE)
endfunction()

# drydock_library(<folder of core/> [SMALL] [DEPS <folders or targets>] [PRIVATE_DEPS …] [GENERATED <files>] [THROWING <globs>] [SMALL_PARTS <globs>])
# DEPS without "::" name other folders of core/. THROWING names the sources, within
# the folder, that throw or call a library that does; SMALL_PARTS those that are made as
# SMALL in a folder that is not.
function(drydock_library name)
  cmake_parse_arguments(arg "SMALL" "" "DEPS;PRIVATE_DEPS;GENERATED;THROWING;SMALL_PARTS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/core/${name}/*.cpp)
  # Generators are programs of their own, run while building.
  list(FILTER sources EXCLUDE REGEX "_gen/")
  list(APPEND sources ${arg_GENERATED})
  set(target core_${name})
  if(arg_SMALL)
    set(small SMALL)
  else()
    set(small "")
  endif()
  if(arg_THROWING)
    list(TRANSFORM arg_THROWING PREPEND ${CMAKE_SOURCE_DIR}/core/${name}/)
    file(GLOB throwing CONFIGURE_DEPENDS ${arg_THROWING})
    list(REMOVE_ITEM sources ${throwing})
    add_library(${target}_throwing OBJECT ${throwing})
    drydock_code_generation(${target}_throwing ${small} THROWING)
    target_link_libraries(${target}_throwing PRIVATE drydock_options ${arg_PRIVATE_DEPS})
    list(APPEND sources $<TARGET_OBJECTS:${target}_throwing>)
  endif()
  if(arg_SMALL_PARTS AND EMSCRIPTEN)
    list(TRANSFORM arg_SMALL_PARTS PREPEND ${CMAKE_SOURCE_DIR}/core/${name}/)
    file(GLOB small_parts CONFIGURE_DEPENDS ${arg_SMALL_PARTS})
    list(REMOVE_ITEM sources ${small_parts})
    add_library(${target}_small OBJECT ${small_parts})
    drydock_code_generation(${target}_small SMALL)
    target_link_libraries(${target}_small PRIVATE drydock_options ${arg_PRIVATE_DEPS})
    list(APPEND sources $<TARGET_OBJECTS:${target}_small>)
  endif()
  if(sources)
    add_library(${target} STATIC ${sources})
    drydock_code_generation(${target} ${small})
    set(public PUBLIC)
    set(private PRIVATE)
  else()
    add_library(${target} INTERFACE)
    set(public INTERFACE)
    set(private INTERFACE)
  endif()
  add_library(drydock::${name} ALIAS ${target})
  target_link_libraries(${target} ${public} drydock_options)
  foreach(dep IN LISTS arg_DEPS)
    string(FIND "${dep}" "::" qualified)
    if(qualified EQUAL -1)
      set(dep drydock::${dep})
    endif()
    target_link_libraries(${target} ${public} ${dep})
  endforeach()
  target_link_libraries(${target} ${private} ${arg_PRIVATE_DEPS})
endfunction()

# Whole sessions are compared between the two builds by state hash (tests/node); of
# the rows, those run in WASM too that rest on the compiler, numbers and libraries.
set(drydock_wasm_tests base machinery pki network host ports)

# drydock_test(<folder of tests/> [DEPS <folders or targets>])
# Links core's folder of the same name, if there is one. Runs in the repository's
# root, so that files are named from there: tests/golden/….
function(drydock_test name)
  cmake_parse_arguments(arg "" "" "DEPS" ${ARGN})
  if(EMSCRIPTEN AND NOT name IN_LIST drydock_wasm_tests)
    return()
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${name}/*.cpp)
  if(NOT sources)
    return()
  endif()
  set(target test_${name})
  add_executable(${target} ${sources} $<TARGET_OBJECTS:test_main>)
  drydock_code_generation(${target} THROWING)
  target_link_libraries(${target} PRIVATE drydock_options drydock::doctest)
  if(TARGET drydock::${name})
    list(APPEND arg_DEPS ${name})
  endif()
  foreach(dep IN LISTS arg_DEPS)
    string(FIND "${dep}" "::" qualified)
    if(qualified EQUAL -1)
      set(dep drydock::${dep})
    endif()
    target_link_libraries(${target} PRIVATE ${dep})
  endforeach()
  if(EMSCRIPTEN)
    # -O1 leaves out the optimizer of whole modules: tests are linked often and run once.
    target_link_options(${target} PRIVATE -O1 -sENVIRONMENT=node -sEXIT_RUNTIME=1 -sNODERAWFS=1 -sALLOW_MEMORY_GROWTH -sSTACK_SIZE=1MB)
  endif()
  add_test(NAME ${name} COMMAND ${target} --no-colors=true WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
endfunction()
