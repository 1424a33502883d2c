/* One path: all open deals and all new deals under every plan, added up into a chunk. */
#ifndef RECOUP_ENGINE_PATH_H
#define RECOUP_ENGINE_PATH_H

#include "engine/arrivals.h"
#include "program/program.h"
#include "tally/tally.h"

/* Fills column `column` of the chunk (zeroed before) with the path's outcomes after the as-of date.
 */
void recoup_path_simulate(const recoup_program *program, uint64_t seed, uint32_t path,
                          const recoup_tally_shape *shape, recoup_chunk *chunk, int column);

/* Makes weeks cumulative and adds what was already booked, for the first n columns. */
void recoup_path_finish(const recoup_program *program, const recoup_tally_shape *shape,
                        recoup_chunk *chunk);

/* The market factor Z of a path. */
double recoup_path_market(uint64_t seed, uint32_t path);

/* Calls `arrived` for every new deal of a stream that some plan has, with its height: a plan whose
 * rate factor at that time is above the height has the deal. */
void recoup_path_arrivals(const recoup_program *program, const recoup_program_stream *stream,
                          uint64_t seed, uint32_t path, double market,
                          void (*arrived)(void *user, const recoup_arrival *arrival, double height),
                          void *user);

#endif
