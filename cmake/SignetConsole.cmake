# signet_console: the web console as part of the program. CONSOLE is ON (built from console/ with npm), OFF (there is
# none, and /_console/ shows its plain page), or the folder of one that is built already (console/README.md).
set(CONSOLE "OFF" CACHE STRING "Web console: ON, OFF, or the folder of a built one")
set(SIGNET_CONSOLE_DIR "${CMAKE_BINARY_DIR}/console")
set(SIGNET_CONSOLE_ARGS)
set(SIGNET_CONSOLE_SOURCES)
if(IS_DIRECTORY "${CONSOLE}")
  set(SIGNET_CONSOLE_ARGS --built "${CONSOLE}")
  file(GLOB_RECURSE SIGNET_CONSOLE_SOURCES CONFIGURE_DEPENDS "${CONSOLE}/*")
elseif(CONSOLE STREQUAL "ON")
  set(SIGNET_CONSOLE_ARGS --source "${CMAKE_SOURCE_DIR}/console")
  file(GLOB_RECURSE SIGNET_CONSOLE_SOURCES CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/console/src/*")
  foreach(name IN ITEMS package.json package-lock.json vite.config.ts tsconfig.json)
    list(APPEND SIGNET_CONSOLE_SOURCES "${CMAKE_SOURCE_DIR}/console/${name}")
  endforeach()
elseif(NOT CONSOLE STREQUAL "OFF")
  message(FATAL_ERROR "CONSOLE is ON, OFF or a folder, and there is no folder ${CONSOLE}")
endif()
add_custom_command(
  OUTPUT "${SIGNET_CONSOLE_DIR}/console_bundle.cc"
  COMMAND "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/tools/embed_console.py" --out "${SIGNET_CONSOLE_DIR}"
          ${SIGNET_CONSOLE_ARGS}
  DEPENDS ${SIGNET_CONSOLE_SOURCES} "${CMAKE_SOURCE_DIR}/tools/embed_console.py"
  COMMENT "The web console (CONSOLE=${CONSOLE})")
add_library(signet_console STATIC EXCLUDE_FROM_ALL "${SIGNET_CONSOLE_DIR}/console_bundle.cc")
target_include_directories(signet_console PUBLIC "${CMAKE_SOURCE_DIR}/cmd/signet")
target_link_libraries(signet_console PRIVATE signet_http)
