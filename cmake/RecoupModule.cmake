# Flags of every module: warnings are errors; no contraction of a*b+c, so that results do not
# depend on the instruction set.
add_library(recoup_flags INTERFACE)
target_compile_options(recoup_flags INTERFACE
    -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror
    -ffp-contract=off -fno-math-errno)
target_compile_definitions(recoup_flags INTERFACE _GNU_SOURCE)
target_include_directories(recoup_flags INTERFACE
    $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include> $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/src>)
if(RECOUP_SANITIZE)
    target_compile_options(recoup_flags INTERFACE
        -fsanitize=${RECOUP_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(recoup_flags INTERFACE -fsanitize=${RECOUP_SANITIZE})
    if(CMAKE_C_COMPILER_ID MATCHES "Clang") # what is instrumented is not vectorised
        target_compile_options(recoup_flags INTERFACE -Wno-pass-failed)
    endif()
endif()

# recoup_module(NAME [LINKS module|library ...] [SYSTEM include-folder ...])
# The static library recoup_NAME of src/NAME/*.c. A module sees what it links, and what that links.
function(recoup_module name)
    cmake_parse_arguments(arg "" "" "LINKS;SYSTEM" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.c)
    add_library(recoup_${name} STATIC ${sources})
    target_link_libraries(recoup_${name} PUBLIC recoup_flags m)
    foreach(link ${arg_LINKS})
        if(TARGET recoup_${link})
            target_link_libraries(recoup_${name} PUBLIC recoup_${link})
        else()
            target_link_libraries(recoup_${name} PUBLIC ${link})
            set_property(GLOBAL APPEND PROPERTY RECOUP_EXTERNALS ${link})
        endif()
    endforeach()
    if(arg_SYSTEM)
        target_include_directories(recoup_${name} SYSTEM PRIVATE ${arg_SYSTEM})
    endif()
    set_property(GLOBAL APPEND PROPERTY RECOUP_MODULES ${name})
endfunction()

# librecoup: all modules in one library, installed and exported as recoup::recoup.
function(recoup_library name)
    cmake_parse_arguments(arg "" "" "MODULES" ${ARGN})
    set(objects "")
    foreach(module ${arg_MODULES})
        list(APPEND objects $<TARGET_OBJECTS:recoup_${module}>)
    endforeach()
    get_property(kernel_objects GLOBAL PROPERTY RECOUP_KERNEL_OBJECTS)
    list(APPEND objects ${kernel_objects})
    get_property(externals GLOBAL PROPERTY RECOUP_EXTERNALS)
    list(REMOVE_DUPLICATES externals)
    add_library(${name} STATIC ${objects})
    target_link_libraries(${name} PRIVATE ${externals} m)
    target_link_libraries(${name} INTERFACE $<BUILD_INTERFACE:recoup_flags>)
    set_target_properties(${name} PROPERTIES LINKER_LANGUAGE C)
    target_include_directories(${name} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    install(TARGETS ${name} EXPORT recoupTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
    install(EXPORT recoupTargets NAMESPACE recoup:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/recoup)
endfunction()
