# Warnings, hardening and linker for every target of ours.
add_library(signet_flags INTERFACE)
target_include_directories(signet_flags INTERFACE "${CMAKE_SOURCE_DIR}/src" "${CMAKE_BINARY_DIR}/gen")
target_compile_options(signet_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast -Werror
  -Wno-missing-field-initializers) # designated initializers leave members at their defaults on purpose
target_compile_definitions(signet_flags INTERFACE _GLIBCXX_ASSERTIONS)

if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(signet_flags INTERFACE -Wno-gnu-statement-expression -Wno-gnu-statement-expression-from-macro-expansion
    -Wno-overlength-strings) # a managed policy is one literal of up to 100 kB
  # libstdc++ 12's own std::stable_sort calls a function it marks as deprecated, which clang reports at our call.
  target_compile_options(signet_flags INTERFACE -Wno-deprecated-declarations)
  # libstdc++ 12 hides std::expected from clang unless this feature level is announced.
  target_compile_options(signet_flags INTERFACE -D__cpp_concepts=202002L -Wno-builtin-macro-redefined)
else()
  # Statement expressions (TRY) are a documented extension; GCC 12 reports dangling references it cannot prove.
  target_compile_options(signet_flags INTERFACE -Wno-pedantic)
  if(SIGNET_PCH)
    # GCC 12 doubts the bounds inside inlined standard functions once they come from a precompiled header.
    target_compile_options(signet_flags INTERFACE -Wno-array-bounds -Wno-stringop-overread -Wno-stringop-overflow -Wno-restrict)
  endif()
endif()

if(SIGNET_FUZZ)
  # Coverage counters in every room; the fuzz programs themselves link libFuzzer's main (fuzz/CMakeLists.txt).
  target_compile_options(signet_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(SIGNET_SANITIZE)
  target_compile_options(signet_flags INTERFACE -fsanitize=${SIGNET_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(signet_flags INTERFACE -fsanitize=${SIGNET_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(signet_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong)
  target_link_options(signet_flags INTERFACE -Wl,-z,relro,-z,now)
endif()

find_program(SIGNET_MOLD mold)
if(SIGNET_MOLD)
  target_link_options(signet_flags INTERFACE -fuse-ld=mold)
endif()

find_program(SIGNET_CCACHE ccache)
if(SIGNET_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env
      "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=time_macros,pch_defines "${SIGNET_CCACHE}")
  set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
  # Where headers are precompiled: never found by what the preprocessor makes of them, since that reads the file of an earlier
  # build instead of the headers. Another build that began with the same file would be taken for this one.
  set(SIGNET_PCH_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
  list(INSERT SIGNET_PCH_LAUNCHER 3 CCACHE_DEPEND=1)
endif()
