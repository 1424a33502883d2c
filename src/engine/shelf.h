/* Win tables between simulations: the half of recoup_shelf that the engine uses. */
#ifndef RECOUP_ENGINE_SHELF_H
#define RECOUP_ENGINE_SHELF_H

#include "program/tables.h"
#include <recoup/engine.h>

/* Makes room for the tables of so many draws. False: out of memory. */
bool recoup_shelf_reserve(recoup_shelf *shelf, int n_draws);
/* The tables of a draw that were made by these kernels, off the shelf and for this program; NULL:
 * there are none. Different draws may be taken and put by different threads at once. */
recoup_tables *recoup_shelf_take(recoup_shelf *shelf, int draw, recoup_isa isa,
                                 const recoup_program *program);
/* Takes them over: they are kept where there is room, and freed otherwise. */
void recoup_shelf_put(recoup_shelf *shelf, int draw, recoup_tables *tables);

#endif
