# ncdump lists the sample's dimensions, variables, labels and dates.
execute_process(COMMAND ${WRITE_SAMPLE} ${FOLDER}/ncdump_sample.h5 COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${NCDUMP} -t -v plan,week,rep_hit_probability,hygiene_deal,hygiene_created,rule_n_deals ${FOLDER}/ncdump_sample.h5
    OUTPUT_VARIABLE dump COMMAND_ERROR_IS_FATAL ANY)
foreach(expected
        "\tplan = 3 ;" "\tquantile = 9 ;" "\tbin = 60 ;" "\tbin_edge = 61 ;" "\tpath = 2000 ;"
        "string plan(plan) ;" "int week(week) ;" "week:units = \"days since 1970-01-01\" ;"
        "double hit_probability(plan) ;" "hit_probability:units = \"1\" ;"
        "double cumulative_bookings_quantile(plan, week, quantile) ;"
        "int64 bookings_histogram(plan, bin) ;" "bookings:units = \"EUR\" ;" "double quota ;"
        ":filetype = \"recoup results\" ;" ":format_version = 1, 0 ;"
        "plan = \"as is\", \"coach\", \"Rabatt-Grenze für alle\" ;"
        "\thygiene = 2 ;" "string hygiene_deal(hygiene) ;" "double hygiene_created(hygiene) ;"
        "int rule_n_deals(rule) ;" "hygiene_amount:units = \"EUR\" ;" "rule_n_deals = -1 ;"
        "hygiene_created = \"2026-01-01 12\", \"2026-01-02 12\" ;"
        "week = \"2026-11-02\", \"2026-11-09\" ;")
    string(FIND "${dump}" "${expected}" at)
    if(at EQUAL -1)
        message(SEND_ERROR "ncdump does not show: ${expected}\n${dump}")
    endif()
endforeach()
