# ASSAY_PYTHON: an interpreter that can import NumPy and mpmath. The first python3 on PATH need not be one (Debian's
# packages serve /usr/bin/python3), and find_package(Python3) does not ask before it chooses.
function(assay_python_is_fit result candidate)
  execute_process(COMMAND ${candidate} -c "import numpy, mpmath" RESULT_VARIABLE code OUTPUT_QUIET ERROR_QUIET)
  if(NOT code EQUAL 0)
    set(${result} FALSE PARENT_SCOPE)
  endif()
endfunction()

# NAMES_PER_DIR is not given: every place is tried for python3 first, then the system's directories, then python.
find_program(ASSAY_PYTHON NAMES python3 python PATHS /usr/bin /usr/local/bin VALIDATOR assay_python_is_fit
             DOC "A Python interpreter with NumPy and mpmath, for the tests" REQUIRED)
