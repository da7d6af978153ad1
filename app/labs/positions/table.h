// The table of positions that a model has learned: taken from the one being trained, or the one that comes
// with the program (assets/positions), so that there always is one to look at.
#pragma once

#include "app/labs/positions/lab.h"

namespace vitrine::labs::positions_table {

// Of a small ViT trained on Fashion-MNIST; empty where its file is missing.
Positions::Table shipped();
// Of the model in the snapshot.
Positions::Table taken(const train::TrainSnapshot& snapshot);
// The cosines of every two tokens and each token's map of them.
void add_maps(Positions::Result& result);

}  // namespace vitrine::labs::positions_table
