# recoup_page(MODULE): bundles src/MODULE/page (npm, esbuild) into one HTML file, embedded into the
# module as C text. Packages are those of package-lock.json, put into the build folder once.
function(recoup_page module)
    set(sources ${CMAKE_SOURCE_DIR}/src/${module}/page)
    set(folder ${CMAKE_BINARY_DIR}/page)
    set(generated ${CMAKE_BINARY_DIR}/generated/${module}_page.c)
    if(NOT RECOUP_REPORT)
        file(CONFIGURE OUTPUT ${generated} CONTENT
"extern const char *const recoup_report_before, *const recoup_report_after;
const char *const recoup_report_before = 0, *const recoup_report_after = 0;
")
        target_sources(recoup_${module} PRIVATE ${generated})
        return()
    endif()
    find_program(NODE NAMES node nodejs)
    find_program(NPM npm)
    if(NOT NODE OR NOT NPM)
        message(FATAL_ERROR "The page of `recoup report` is bundled by node (18 or later) and npm, "
            "which are not there: install them (scripts/install-dependencies), or leave the page "
            "out by -DRECOUP_REPORT=OFF")
    endif()
    file(GLOB inputs CONFIGURE_DEPENDS ${sources}/*.js ${sources}/*.css ${sources}/*.html
        ${sources}/sections/*.js ${sources}/document/*.js)
    add_custom_command(OUTPUT ${folder}/installed
        COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}
        COMMAND ${CMAKE_COMMAND} -E copy ${sources}/package.json ${sources}/package-lock.json ${folder}
        COMMAND ${NPM} ci --prefix ${folder} --ignore-scripts --no-audit --no-fund --loglevel=error
        COMMAND ${CMAKE_COMMAND} -E touch ${folder}/installed
        DEPENDS ${sources}/package.json ${sources}/package-lock.json
        COMMENT "npm packages of the page" VERBATIM)
    add_custom_command(OUTPUT ${generated}
        COMMAND ${NODE} ${sources}/build.js ${folder} ${generated}
        DEPENDS ${inputs} ${folder}/installed
        COMMENT "Bundling the page" VERBATIM)
    target_sources(recoup_${module} PRIVATE ${generated})
endfunction()
