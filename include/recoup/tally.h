/* What a simulation counted; made by recoup_simulate, turned into results by recoup_results_create.
 */
#ifndef RECOUP_TALLY_H
#define RECOUP_TALLY_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct recoup_tally recoup_tally;
void recoup_tally_free(recoup_tally *tally);

#ifdef __cplusplus
}
#endif
#endif
