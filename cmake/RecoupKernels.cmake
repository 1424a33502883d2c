# recoup_kernels(MODULE): compiles src/MODULE/kernels/*.c once per instruction set into recoup_MODULE.
# Contraction is off for all, so that the variants give the same bits.
set(RECOUP_X86_ISAS "")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    set(RECOUP_X86_ISAS avx2 avx512)
    target_compile_definitions(recoup_flags INTERFACE RECOUP_X86_KERNELS)
endif()
# Tuned for processors that have them: for others the compiler avoids gathers.
set(RECOUP_FLAGS_portable "")
set(RECOUP_FLAGS_avx2 -mavx2 -mtune=haswell)
set(RECOUP_FLAGS_avx512 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mtune=skylake-avx512
    -mprefer-vector-width=512)

function(recoup_kernels module)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${module}/kernels/*.c)
    foreach(isa portable ${RECOUP_X86_ISAS})
        set(target recoup_${module}_${isa})
        add_library(${target} OBJECT ${sources})
        target_compile_definitions(${target} PRIVATE RECOUP_ISA=${isa})
        target_compile_options(${target} PRIVATE -O3 ${RECOUP_FLAGS_${isa}})
        target_link_libraries(${target} PRIVATE $<TARGET_PROPERTY:recoup_${module},LINK_LIBRARIES>)
        target_include_directories(${target} SYSTEM PRIVATE ${RANDOM123_INCLUDE})
        target_sources(recoup_${module} PRIVATE $<TARGET_OBJECTS:${target}>)
        set_property(GLOBAL APPEND PROPERTY RECOUP_KERNEL_OBJECTS $<TARGET_OBJECTS:${target}>)
    endforeach()
endfunction()
