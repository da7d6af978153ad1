#include "app/labs/labs.h"

#include "app/labs/attention/lab.h"
#include "app/labs/attention_rnn/lab.h"
#include "app/labs/backward/lab.h"
#include "app/labs/compute_lab.h"
#include "app/labs/encoder/lab.h"
#include "app/labs/gated_rnn/lab.h"
#include "app/labs/heads/lab.h"
#include "app/labs/image/lab.h"
#include "app/labs/inside/lab.h"
#include "app/labs/layer_sizes/lab.h"
#include "app/labs/matrix/lab.h"
#include "app/labs/pooling/lab.h"
#include "app/labs/positions/lab.h"
#include "app/labs/probe/lab.h"
#include "app/labs/runs/lab.h"
#include "app/labs/scaling/lab.h"
#include "app/labs/shift/lab.h"
#include "app/labs/sliding/lab.h"
#include "app/labs/training/lab.h"
#include "app/labs/trio/lab.h"

namespace vitrine::labs {

std::vector<std::unique_ptr<Lab>> all_labs(const std::function<void()>& wake,
                                           const std::filesystem::path& runs_folder) {
  const auto bench = std::make_shared<Workbench>(wake, runs_folder);
  std::vector<std::unique_ptr<Lab>> labs;
  labs.push_back(std::make_unique<ComputeLab<ImageConvolution>>(wake));
  labs.push_back(std::make_unique<ComputeLab<SlidingWindow>>(wake));
  labs.push_back(std::make_unique<ComputeLab<OneMatrix>>(wake));
  labs.push_back(std::make_unique<ComputeLab<Pooling>>(wake));
  labs.push_back(std::make_unique<ComputeLab<LayerSizes>>(wake));
  labs.push_back(std::make_unique<ComputeLab<Backward>>(wake));
  labs.push_back(std::make_unique<ComputeLab<ShiftLab>>(wake));
  labs.push_back(std::make_unique<ComputeLab<Attention>>(wake));
  labs.push_back(std::make_unique<ComputeLab<ManyHeads>>(wake));
  labs.push_back(std::make_unique<ComputeLab<Positions>>(wake, [bench] { return bench->newest(); }));
  labs.push_back(std::make_unique<ComputeLab<Scaling>>(wake));
  labs.push_back(std::make_unique<ComputeLab<Encoder>>(wake));
  labs.push_back(std::make_unique<ComputeLab<GatedRnn>>(wake));
  labs.push_back(std::make_unique<ComputeLab<AttentionRnn>>(wake));
  labs.push_back(std::make_unique<Training>(bench, wake));
  labs.push_back(std::make_unique<InsideModel>(bench, wake));
  labs.push_back(std::make_unique<ProbeLab>(bench, wake));
  labs.push_back(std::make_unique<RunsLab>(bench, wake));
  labs.push_back(std::make_unique<Trio>(wake));
  return labs;
}

}  // namespace vitrine::labs
