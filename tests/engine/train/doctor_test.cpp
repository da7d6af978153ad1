#include "engine/train/doctor.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "tests/engine/train/tiny.h"

namespace vitrine::train {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<RemarkKind> kinds(const Doctor& doctor) {
  std::vector<RemarkKind> kinds;
  for (const Remark& remark : doctor.remarks()) kinds.push_back(remark.kind);
  return kinds;
}

Remark remark_of(const Doctor& doctor, RemarkKind kind) {
  const auto remarks = doctor.remarks();
  const auto found = std::ranges::find(remarks, kind, &Remark::kind);
  if (found == remarks.end()) {
    ADD_FAILURE() << "no remark of kind " << kRemarkTitles[static_cast<std::size_t>(kind)];
    return {};
  }
  return *found;
}

Remark::Number number(const Remark& remark, std::string_view name) {
  const auto found = std::ranges::find(remark.numbers, name, &Remark::Number::name);
  if (found == remark.numbers.end()) {
    ADD_FAILURE() << "no number " << name;
    return {};
  }
  return *found;
}

// A real run, and all that it told its doctor.
struct Patient {
  Patient(const TrainConfig& config, Index steps, bool healthy = false)
      : trainer(config, tiny_dataset(config, workers), workers, {1, true, true}),
        doctor(subject_of(config, trainer.dataset())) {
    try {
      while (trainer.step() < steps && !trainer.done()) {
        const auto point = trainer.advance();
        if (!point) continue;
        points.push_back(*point);
        doctor.add(*point);
        if (point->split == MetricSplit::kTrain && trainer.health()) {
          examined.push_back(*trainer.health());
          doctor.add(*trainer.health());
        }
        if (healthy) {
          EXPECT_THAT(kinds(doctor), IsEmpty()) << "step " << point->step;
        }
      }
    } catch (const Divergence& divergence) {
      divergence_ = event_of(divergence, trainer.step());
      doctor.add(*divergence_);
    }
  }
  double mean_loss(Index from, Index to) const {
    double sum = 0;
    for (const MetricPoint& point : points)
      if (point.split == MetricSplit::kTrain && point.step >= from && point.step <= to) sum += point.loss;
    return sum / static_cast<double>(to - from + 1);
  }
  const MetricPoint& at(Index step, MetricSplit split = MetricSplit::kTrain) const {
    return *std::ranges::find_if(points, [=](const auto& p) { return p.step == step && p.split == split; });
  }
  // The median of |update| / |weights| over the weights of products, of an examined step.
  double stride(Index step) const {
    std::vector<double> ratios;
    for (const TensorHealth& tensor : std::ranges::find(examined, step, &Health::step)->tensors)
      if (tensor.units > 0) ratios.push_back(tensor.update_norm / tensor.weight_norm);
    std::ranges::sort(ratios);
    return ratios[ratios.size() / 2];
  }

  core::Workers workers{2};
  Trainer trainer;
  Doctor doctor;
  std::vector<MetricPoint> points;
  std::vector<Health> examined;
  std::optional<Event> divergence_;
};

TrainConfig demo(std::int64_t seed = 0) {
  TrainConfig config = *preset("demo");
  config.dataset.train_limit = 3'200;
  config.dataset.validation_limit = 256;
  config.seed = seed;
  return config;
}

TEST(Doctor, SaysNothingOfRunsThatLearn) {
  for (const std::int64_t seed : {0, 1, 2}) Patient(demo(seed), 255, true);
  TrainConfig config = demo();
  config.model = ModelConfig::of(ModelKind::kMlp);
  config.optimizer.learning_rate = 1e-3;
  Patient(config, 255, true);
}

TEST(Doctor, AVanishingRateLearnsNothingAndIsTooLow) {
  TrainConfig config = tiny_config();
  config.epochs = 20;
  config.optimizer.learning_rate = 1e-7;
  const Patient patient(config, 250);
  EXPECT_THAT(kinds(patient.doctor), ElementsAre(RemarkKind::kNothingLearnt, RemarkKind::kRateTooLow));
  const Remark nothing = remark_of(patient.doctor, RemarkKind::kNothingLearnt);
  EXPECT_EQ(nothing.severity, Severity::kTrouble);
  EXPECT_EQ(nothing.from, 1);
  EXPECT_EQ(nothing.to, 250);
  EXPECT_NEAR(number(nothing, "mean loss, nats").value, patient.mean_loss(151, 250), 1e-12);
  EXPECT_EQ(number(nothing, "mean loss, nats").step, 250);
  EXPECT_NEAR(number(nothing, "loss of guessing, nats").value, std::numbers::ln10, 1e-6);
  // 3 sqrt(0.1 0.9 / 3200)
  EXPECT_NEAR(number(nothing, "most by chance").value, 0.11591, 1e-5);
  EXPECT_THAT(nothing.words, HasSubstr("guessing gives 2.303 = ln 10"));
  const Remark low = remark_of(patient.doctor, RemarkKind::kRateTooLow);
  EXPECT_EQ(number(low, "learning rate").value, 1e-7);
  EXPECT_EQ(number(low, "update / weights").step, 250);
  EXPECT_NEAR(number(low, "update / weights").value, patient.stride(250), 1e-15);
  EXPECT_LT(patient.stride(250), 1e-5);
  EXPECT_THAT(low.words, HasSubstr("1e−7, looks too low"));
}

TEST(Doctor, ARateFarTooHighForAdamIsSaidToBe) {
  TrainConfig config = tiny_config();
  config.epochs = 20;
  config.optimizer.learning_rate = 1;
  const Patient patient(config, 250);
  const auto found = kinds(patient.doctor);
  EXPECT_THAT(found, testing::Contains(RemarkKind::kRateTooHigh));
  EXPECT_THAT(found,
              testing::Contains(testing::AnyOf(RemarkKind::kAboveGuessing, RemarkKind::kNothingLearnt)));
  const Remark high = remark_of(patient.doctor, RemarkKind::kRateTooHigh);
  EXPECT_NEAR(number(high, "mean loss, nats").value, patient.mean_loss(151, 250), 1e-9);
  const auto stride = number(high, "update / weights");
  EXPECT_NEAR(stride.value, patient.stride(stride.step), 1e-12);
  EXPECT_GT(stride.value, 1);
  EXPECT_THAT(high.words, HasSubstr("The learning rate, 1, looks too high"));
  EXPECT_THAT(high.words, HasSubstr(", or a warm-up"));
}

// So soon that the first points alone tell.
TEST(Doctor, ALossAboveGuessingIsSaidEarlyAndWithItsCause) {
  TrainConfig config = tiny_config();
  config.optimizer.learning_rate = 3;
  const Patient patient(config, 30);
  const Remark above = remark_of(patient.doctor, RemarkKind::kAboveGuessing);
  EXPECT_EQ(above.from, 1);
  EXPECT_EQ(above.to, 30);
  EXPECT_NEAR(number(above, "mean loss, nats").value, patient.mean_loss(1, 30), 1e-9);
  EXPECT_EQ(number(above, "first loss, nats").value, patient.at(1).loss);
  EXPECT_THAT(above.words, HasSubstr("without a warm-up"));
  config.schedule.warmup_steps = 2;
  EXPECT_THAT(remark_of(Patient(config, 30).doctor, RemarkKind::kAboveGuessing).words,
              testing::Not(HasSubstr("warm-up")));
}

TEST(Doctor, ADivergenceOfSgdNamesTheTensorAndTheLastGoodStep) {
  TrainConfig config = tiny_config();
  config.optimizer.kind = nn::OptimizerKind::kSgd;
  config.optimizer.learning_rate = 1e3;
  const Patient patient(config, 100);
  ASSERT_TRUE(patient.divergence_);
  const Event& event = *patient.divergence_;
  const Remark remark = patient.doctor.remarks().front();
  EXPECT_EQ(remark.kind, RemarkKind::kDiverged);
  EXPECT_EQ(remark.tensor, event.tensor);
  EXPECT_THAT(remark.words, HasSubstr("first in " + event.tensor));
  EXPECT_EQ(remark.from, event.step + 1);
  EXPECT_EQ(number(remark, "last good step").value, 0);
  const MetricPoint& last = patient.points.back();
  EXPECT_EQ(number(remark, "gradient norm").value, last.grad_norm);
  EXPECT_EQ(number(remark, "gradient norm").step, last.step);
  EXPECT_EQ(number(remark, "learning rate").value, 1e3);
}

TEST(Doctor, FewPicturesAreOverfittedFromTheLowestValidationLossOn) {
  TrainConfig config = demo();
  config.dataset.train_limit = 64;
  config.epochs = 60;
  const Patient patient(config, 120);
  EXPECT_THAT(kinds(patient.doctor), ElementsAre(RemarkKind::kOverfitting));
  const Remark remark = remark_of(patient.doctor, RemarkKind::kOverfitting);
  MetricPoint lowest, newest;
  lowest.loss = 1e9;
  for (const MetricPoint& point : patient.points)
    if (point.split == MetricSplit::kValidation) {
      if (point.loss < lowest.loss) lowest = point;
      newest = point;
    }
  EXPECT_EQ(remark.from, lowest.step);
  EXPECT_EQ(remark.to, newest.step);
  EXPECT_EQ(number(remark, "lowest validation loss, nats").value, lowest.loss);
  EXPECT_EQ(number(remark, "validation loss, nats").value, newest.loss);
  EXPECT_LT(number(remark, "training loss, nats").value, number(remark, "training loss then, nats").value);
  EXPECT_THAT(remark.words, HasSubstr("these 64 pictures"));
}

TEST(Doctor, DeadUnitsOfAnMlpAreCounted) {
  TrainConfig config = tiny_config();
  config.model = ModelConfig::of(ModelKind::kMlp);
  config.optimizer.learning_rate = 0.3;
  config.epochs = 20;
  const Patient patient(config, 300);
  const Remark remark = remark_of(patient.doctor, RemarkKind::kDeadUnits);
  EXPECT_EQ(remark.tensor, "layers.0.weight");
  // Silent in every examined batch since some step, which are eight or more.
  std::vector<int> streak(256);
  for (const Health& health : patient.examined) {
    const auto& silent = std::ranges::find(health.tensors, "layers.0.weight", &TensorHealth::name)->silent;
    for (std::uint32_t unit = 0; unit < 256; ++unit)
      streak[unit] = std::ranges::binary_search(silent, unit) ? streak[unit] + 1 : 0;
  }
  const auto dead = std::ranges::count_if(streak, [](int count) { return count >= UnitWatch::kSamples; });
  EXPECT_GT(dead, 128);
  EXPECT_EQ(number(remark, "layers.0.weight, dead of 256").value, static_cast<double>(dead));
  EXPECT_THAT(remark.words, HasSubstr(std::to_string(dead) + " of the 256 units"));
  EXPECT_THAT(kinds(patient.doctor), testing::Contains(RemarkKind::kRateTooHigh));
}

TEST(Doctor, SaysWhatAModelCannotSeeByTheWayItIsBuilt) {
  TrainConfig config = tiny_config();
  config.model.patch_size = 28;
  const Patient one(config, 3);
  EXPECT_EQ(number(remark_of(one.doctor, RemarkKind::kBlind), "patches").value, 1);
  EXPECT_EQ(remark_of(one.doctor, RemarkKind::kBlind).severity, Severity::kNote);
  config.model.patch_size = 7;
  config.model.positions = nn::Positions::kNone;
  const Remark heap = remark_of(Patient(config, 3).doctor, RemarkKind::kBlind);
  EXPECT_THAT(heap.words, HasSubstr("the 16 patches are a heap"));
  config.model.positions = nn::Positions::kLearned;
  EXPECT_THAT(kinds(Patient(config, 3).doctor), IsEmpty());
}

// Points by hand, for what real runs do seldom. Losses as of a run that has learnt, near `level`.
class DoctorOfPoints : public testing::Test {
 protected:
  DoctorOfPoints() {
    Subject subject;
    subject.config = *preset("mlp");
    subject.classes = 10;
    subject.train_images = 1'000;
    subject.validation_images = 1'000;
    subject.guess = {std::numbers::ln10, 0.1};
    doctor_ = std::make_unique<Doctor>(subject);
  }
  MetricPoint point(double loss) {
    ++step_;
    return {1, step_, 1, MetricSplit::kTrain, loss, std::exp(-loss), 1e-3, 2};
  }
  void train(Index steps, double level) {
    for (Index i = 0; i < steps; ++i) doctor_->add(point(level * (1 + 0.1 * static_cast<double>(i % 5 - 2))));
  }
  void validate(double loss, double accuracy) {
    doctor_->add(MetricPoint{1, step_, 1, MetricSplit::kValidation, loss, accuracy});
  }

  std::unique_ptr<Doctor> doctor_;
  Index step_ = 0;
};

TEST_F(DoctorOfPoints, ASpikeIsNamedWithTheUpdateThatMadeIt) {
  train(150, 0.5);
  MetricPoint high = point(4);
  high.grad_norm = 38;
  doctor_->add(high);
  doctor_->add(point(3));
  train(100, 0.5);
  EXPECT_THAT(kinds(*doctor_), ElementsAre(RemarkKind::kSpike));
  const Remark remark = doctor_->remarks().front();
  EXPECT_EQ(remark.severity, Severity::kNote);
  EXPECT_EQ(remark.from, 151);
  EXPECT_EQ(number(remark, "loss, nats"), (Remark::Number{"loss, nats", 4, 151}));
  EXPECT_EQ(number(remark, "usual loss, nats").value, 0.5);
  // Losses 0.4, 0.45, 0.5, 0.55, 0.6: the median distance from 0.5 is 0.05.
  EXPECT_NEAR(number(remark, "spread of the losses, nats").value, 0.05 * 1.4826, 1e-9);
  EXPECT_EQ(number(remark, "gradient norm").value, 38);
  EXPECT_EQ(number(remark, "usual gradient norm").value, 2);
  EXPECT_EQ(number(remark, "learning rate of the update before"),
            (Remark::Number{"learning rate of the update before", 1e-3, 150}));
  EXPECT_THAT(remark.words, HasSubstr("was back at step 153"));
}

TEST_F(DoctorOfPoints, AFewHardPicturesAreNoSpike) {
  train(150, 0.05);
  for (int i = 0; i < 10; ++i) {
    doctor_->add(point(0.9));  // three of 32 that cost 10 nats each
    train(20, 0.05);
  }
  EXPECT_THAT(kinds(*doctor_), IsEmpty());
}

TEST_F(DoctorOfPoints, SpikesThatComeAgainAccuseTheRateUntilItIsChanged) {
  for (int i = 0; i < 3; ++i) {
    train(120, 0.5);
    doctor_->add(point(5 + i));
  }
  train(120, 0.5);
  EXPECT_THAT(kinds(*doctor_), ElementsAre(RemarkKind::kSpike, RemarkKind::kRateTooHigh));
  EXPECT_EQ(doctor_->remarks()[0].from, 363);
  EXPECT_EQ(number(doctor_->remarks()[0], "spikes").value, 3);
  EXPECT_THAT(doctor_->remarks()[1].words, HasSubstr("leapt 3 times"));
  const Event change{step_, EventKind::kChange, "optimizer.learning_rate", 1e-3, 1e-4};
  doctor_->add(change);
  train(120, 0.5);
  EXPECT_THAT(kinds(*doctor_), ElementsAre(RemarkKind::kSpike));
}

TEST_F(DoctorOfPoints, WhatWasLearntAndIsGoneIsSaidWithItsStep) {
  train(300, 0.5);
  train(400, 2.4);
  const auto found = kinds(*doctor_);
  EXPECT_THAT(found, ElementsAre(RemarkKind::kNothingLearnt, RemarkKind::kSpike, RemarkKind::kRateTooHigh));
  const Remark gone = remark_of(*doctor_, RemarkKind::kNothingLearnt);
  EXPECT_THAT(gone.words, HasSubstr("What was learnt is gone since step "));
  EXPECT_GT(gone.from, 300);
  EXPECT_LE(gone.from, 460);
  EXPECT_NEAR(number(remark_of(*doctor_, RemarkKind::kRateTooHigh), "lowest mean loss, nats").value, 0.5,
              1e-9);
}

TEST_F(DoctorOfPoints, AValidationThatWaversIsNoOverfitting) {
  train(200, 1);
  validate(0.5, 0.85);
  for (int i = 0; i < 6; ++i) {
    train(50, 0.5 / (i + 1));
    validate(0.55 + 0.02 * (i % 3), 0.85);  // three standard errors are 0.17
  }
  EXPECT_THAT(kinds(*doctor_), IsEmpty());
  for (int i = 0; i < 3; ++i) {
    train(50, 0.05);
    validate(0.8, 0.85);
  }
  EXPECT_THAT(kinds(*doctor_), ElementsAre(RemarkKind::kOverfitting));
  EXPECT_EQ(doctor_->remarks().front().from, 200);
}

TEST_F(DoctorOfPoints, ABadlyScaledStartIsTheCauseThatIsNamed) {
  train(60, 40);
  const Remark remark = remark_of(*doctor_, RemarkKind::kAboveGuessing);
  EXPECT_THAT(remark.words, HasSubstr("It was 32 before the first update: the start is badly scaled"));
}

TEST_F(DoctorOfPoints, AnEarlierStepIsAnotherRun) {
  train(60, 40);
  EXPECT_THAT(kinds(*doctor_), testing::Not(IsEmpty()));
  step_ = 10;
  train(60, 0.5);
  EXPECT_THAT(kinds(*doctor_), IsEmpty());
}

TEST_F(DoctorOfPoints, ADivergenceBeforeAllUpdatesPointsAtTheData) {
  Event event{0, EventKind::kDivergence};
  event.tensor = "embedding";
  doctor_->add(event);
  const Remark remark = doctor_->remarks().front();
  EXPECT_EQ(remark.from, 1);
  EXPECT_THAT(remark.words, HasSubstr("No update was done before it"));
}

TEST(Guess, IsTheEntropyOfTheLabelsAndTheLargestShare) {
  Split split;
  split.images = core::Tensor<std::uint8_t>({4, 1, 1, 1});
  split.labels = core::Tensor<std::uint8_t>({4}, {0, 2, 2, 1});
  const Guess guess = guess_of(split, 5);
  EXPECT_NEAR(guess.loss, 1.5 * std::numbers::ln2, 1e-12);
  EXPECT_EQ(guess.accuracy, 0.5);
}

}  // namespace
}  // namespace vitrine::train
