# Code made from facts/ at build time, into build/*/gen (never committed). tools/generate.py writes all of it in
# one run; its outputs are listed by `tools/generate.py --list`.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
set(SIGNET_GEN_DIR "${CMAKE_BINARY_DIR}/gen")
file(GLOB_RECURSE SIGNET_FACTS CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/facts/*")
file(GLOB_RECURSE SIGNET_GENERATORS CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tools/gen/*.py")
execute_process(
  COMMAND "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/tools/generate.py" --list --out "${SIGNET_GEN_DIR}"
  OUTPUT_VARIABLE SIGNET_GENERATED COMMAND_ERROR_IS_FATAL ANY OUTPUT_STRIP_TRAILING_WHITESPACE)
string(REPLACE "\n" ";" SIGNET_GENERATED "${SIGNET_GENERATED}")
add_custom_command(
  OUTPUT ${SIGNET_GENERATED}
  COMMAND "${Python3_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/tools/generate.py" --out "${SIGNET_GEN_DIR}"
  DEPENDS ${SIGNET_FACTS} ${SIGNET_GENERATORS} "${CMAKE_SOURCE_DIR}/tools/generate.py"
  COMMENT "Generating code from facts/")
add_custom_target(signet_gen DEPENDS ${SIGNET_GENERATED})
