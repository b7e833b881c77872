# A program that needs nothing of the machine it runs on. Debian has no static simdjson: SIGNET_SIMDJSON names simdjson.cpp of
# the source package (tools/packaging/static.py fetches it), compiled into a library that takes the place of the shared one.
if(NOT SIGNET_STATIC)
  return()
endif()
set(SIGNET_SIMDJSON "" CACHE FILEPATH "simdjson.cpp")
if(NOT EXISTS "${SIGNET_SIMDJSON}")
  message(FATAL_ERROR "SIGNET_STATIC needs -DSIGNET_SIMDJSON=PATH of simdjson.cpp; ./package gives it")
endif()
set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
set(OPENSSL_USE_STATIC_LIBS TRUE)
add_library(simdjson STATIC "${SIGNET_SIMDJSON}")
target_compile_features(simdjson PUBLIC cxx_std_17)
add_link_options(-static-pie)
