#include "app/cli/data.h"

#include <gmock/gmock.h>

#include <atomic>
#include <csignal>
#include <sstream>

#include "app/cli/data_fetch.h"
#include "engine/io/files.h"
#include "engine/io/image.h"
#include "engine/io/sha256.h"
#include "engine/train/dataset.h"
#include "tests/cli/subcommand.h"
#include "tests/engine/io/http_server.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::cli {
namespace {

namespace fs = std::filesystem;
using io::HttpAnswer;
using io::HttpRequest;
using io::HttpServer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

Answer run(const std::vector<std::string>& args) { return answer_of(data_command, args); }

void expect_refused(const std::vector<std::string>& args, const std::string& reason) {
  expect_refusal(run(args), "vitrine: data: ", reason);
}

// An IDX file: labels 0, 1, .. 9, 0, ...; pixels 0, 1, .. 250, 0, ...
std::string idx(const std::vector<std::uint32_t>& sizes) {
  std::string bytes{'\0', '\0', '\x08', static_cast<char>(sizes.size())};
  std::uint32_t count = 1;
  for (const auto size : sizes) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift);
    count *= size;
  }
  for (std::uint32_t i = 0; i < count; ++i) bytes += static_cast<char>(i % (sizes.size() == 1 ? 10 : 251));
  return bytes;
}

struct NamedFile {
  std::string name, bytes;
};

// A data set of 40 + 20 images of 4 x 4.
const std::vector<NamedFile>& tiny_files() {
  static const std::vector<NamedFile> files{{"train-images-idx3-ubyte", idx({40, 4, 4})},
                                            {"train-labels-idx1-ubyte", idx({40})},
                                            {"t10k-images-idx3-ubyte", idx({20, 4, 4})},
                                            {"t10k-labels-idx1-ubyte", idx({20})}};
  return files;
}

class DataFetch : public testing::Test {
 protected:
  DataFetch() {
    for (const auto& [name, bytes] : tiny_files()) {
      io::write_file(folder_ / "truth", bytes);
      files_.push_back({name, {std::ssize(bytes), io::sha256_of(folder_ / "truth")}});
    }
  }
  Answer fetch_from(const std::vector<std::string>& mirrors) const {
    std::ostringstream out, err;
    const int code = fetch({train::DatasetKind::kMnist, mirrors, files_}, to_, out, err);
    return {code, out.str(), err.str()};
  }
  static HttpAnswer given(const HttpRequest& request) {
    for (const auto& [name, bytes] : tiny_files())
      if (request.path == "/mnist/" + name) return {io::http_file(bytes, request)};
    return {io::http("404 Not Found", "")};
  }
  void expect_whole() {
    core::Workers workers(1);
    const auto dataset = train::load_dataset({train::DatasetKind::kMnist, to_.string(), 0, 0}, 0, workers);
    EXPECT_EQ(dataset->train.images.shape(), (core::Shape{40, 1, 4, 4}));
    EXPECT_EQ(dataset->validation.count(), 20);
    EXPECT_EQ(std::distance(fs::directory_iterator(to_), {}), 4);
  }

  const io::TemporaryFolder folder_;
  const fs::path to_ = folder_ / "data/mnist";
  std::vector<RemoteFile> files_;
};

TEST_F(DataFetch, BringsASetThatLoadsAndDoesNotFetchItTwice) {
  const HttpServer server(given);
  const auto first = fetch_from({server.url("/mnist")});
  EXPECT_EQ(first.code, 0);
  EXPECT_EQ(first.err, "");
  EXPECT_THAT(first.out, StartsWith("train-images-idx3-ubyte: 656 bytes from " + server.url("/mnist\n")));
  EXPECT_THAT(first.out, HasSubstr("mnist is in " + to_.string() +
                                   "; train it with --set dataset.kind=mnist --set dataset.path="));
  expect_whole();
  const auto second = fetch_from({server.url("/mnist")});
  EXPECT_EQ(second.code, 0);
  EXPECT_THAT(second.out, StartsWith("train-images-idx3-ubyte: is there already\n"));
  EXPECT_EQ(server.requests().size(), 4u);
}

TEST_F(DataFetch, ADamagedFileIsFetchedAgain) {
  const HttpServer server(given);
  fetch_from({server.url("/mnist/")});
  io::write_file(to_ / "t10k-labels-idx1-ubyte", std::string(28, 'x'));
  EXPECT_EQ(fetch_from({server.url("/mnist/")}).code, 0);
  expect_whole();
  EXPECT_EQ(server.requests().back().path, "/mnist/t10k-labels-idx1-ubyte");
}

TEST_F(DataFetch, AMirrorThatFailsIsALineAndTheNextIsAsked) {
  const HttpServer dead([](const HttpRequest&) { return HttpAnswer{io::http("404 Not Found", "")}; });
  std::string other = tiny_files()[0].bytes;
  other.back() = 'x';
  const HttpServer wrong([&](const HttpRequest&) { return HttpAnswer{io::http("200 OK", other)}; });
  const HttpServer server(given);
  const auto [code, out, err] = fetch_from({dead.url("/mnist"), wrong.url("/mnist"), server.url("/mnist")});
  EXPECT_EQ(code, 0);
  EXPECT_THAT(err, StartsWith("vitrine: data fetch: " +
                              dead.url("/mnist/train-images-idx3-ubyte: the server answers 404\n")));
  EXPECT_THAT(err, HasSubstr(wrong.url("/mnist/train-images-idx3-ubyte: is another file")));
  EXPECT_EQ(std::count(err.begin(), err.end(), '\n'), 2) << err;
  EXPECT_EQ(dead.requests().size(), 1u) << "what has failed is not asked before what has given";
  expect_whole();
}

TEST_F(DataFetch, WhatNobodyGivesIsRefusedAndNothingIsKept) {
  const HttpServer wrong([&](const HttpRequest& request) {
    std::string answer = given(request).bytes;
    answer.back() = 'x';
    return HttpAnswer{answer};
  });
  const auto [code, out, err] = fetch_from({wrong.url("/mnist"), wrong.url("/elsewhere")});
  EXPECT_EQ(code, 2);
  EXPECT_EQ(out, "");
  EXPECT_EQ(std::count(err.begin(), err.end(), '\n'), 2) << err;
  EXPECT_TRUE(fs::is_empty(to_));
}

TEST_F(DataFetch, CtrlCKeepsWhatHasComeAndTheSameCommandGoesOn) {
  std::atomic<bool> interrupts = true;
  const HttpServer server([&](const HttpRequest& request) {
    HttpAnswer answer = given(request);
    if (!interrupts) return answer;
    answer.bytes.resize(answer.bytes.size() - 300);
    answer.holds = true;
    std::raise(SIGINT);
    return answer;
  });
  const auto [code, out, err] = fetch_from({server.url("/mnist")});
  EXPECT_EQ(code, 130);
  EXPECT_EQ(err, "vitrine: data fetch: interrupted; the same command goes on from here\n");
  const fs::path part = to_ / "train-images-idx3-ubyte.part";
  const auto kept = fs::exists(part) ? fs::file_size(part) : 0;
  interrupts = false;
  EXPECT_EQ(fetch_from({server.url("/mnist")}).code, 0);
  EXPECT_EQ(server.requests()[1].from.value_or(0), kept);
  expect_whole();
}

TEST_F(DataFetch, TheCommandAsksTheGivenMirrorsForTheRealFiles) {
  const HttpServer server([](const HttpRequest&) { return HttpAnswer{io::http("404 Not Found", "")}; });
  const auto [code, out, err] = run({"fetch", "fashion-mnist", "--to", to_.string(), "--mirror",
                                     server.url("/a/"), "--mirror", server.url("/b")});
  EXPECT_EQ(code, 2);
  EXPECT_EQ(out, "");
  EXPECT_EQ(std::count(err.begin(), err.end(), '\n'), 2) << err;
  ASSERT_EQ(server.requests().size(), 2u);
  EXPECT_EQ(server.requests()[0].path, "/a/train-images-idx3-ubyte.gz");
  EXPECT_EQ(server.requests()[1].path, "/b/train-images-idx3-ubyte.gz");
}

class Data : public testing::Test {
 protected:
  Data() {
    for (const char* name : {"VITRINE_DATA", "XDG_DATA_HOME"}) ::unsetenv(name);
    ::setenv("VITRINE_DATA", (folder_ / "data").c_str(), 1);
  }
  ~Data() override { ::unsetenv("VITRINE_DATA"); }
  void write_tiny() {
    fs::create_directories(folder_ / "data/mnist");
    for (const auto& [name, bytes] : tiny_files()) io::write_file(folder_ / "data/mnist" / name, bytes);
  }
  std::string png() const { return (folder_ / "sheet.png").string(); }

  const io::TemporaryFolder folder_;
};

TEST_F(Data, ListsEveryKind) {
  write_tiny();
  auto [code, out, err] = run({"list"});
  EXPECT_EQ(code, 0);
  EXPECT_EQ(err, "");
  EXPECT_THAT(out, StartsWith("digits         drawn from the seed: 20,000 + 4,000 images of 1 x 28 x 28, "
                              "10 classes\nshapes         drawn from the seed: 20,000 + 4,000 images of 3 "
                              "x 28 x 28, 8 classes\nfashion-mnist  "));
  EXPECT_THAT(out, HasSubstr("\nmnist          " + (folder_ / "data/mnist").string() +
                             ": 40 + 20 images of 1 x 4 x 4, 10 classes\nidx "));
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 6);
  io::write_file(folder_ / "data/mnist/t10k-images-idx3-ubyte", "hello");
  EXPECT_THAT(run({"list"}).out,
              HasSubstr("\nmnist          damaged: " +
                        (folder_ / "data/mnist/t10k-images-idx3-ubyte").string() + ": is not an IDX file"));
}

TEST_F(Data, SaysWhereItLookedInVain) {
  const std::string out = run({"list"}).out;
  if (out.find("\nmnist          not found") == std::string::npos) GTEST_SKIP() << "MNIST is installed here";
  EXPECT_THAT(out, HasSubstr("not found; vitrine data fetch mnist gets it; looked in " +
                             (folder_ / "data/mnist").string() + ", "));
}

TEST_F(Data, ShowsASheetThatDependsOnTheSeedOnly) {
  write_tiny();
  const auto [code, out, err] = run({"show", "mnist", "--out", png(), "--count", "3"});
  EXPECT_EQ(err, "");
  EXPECT_EQ(code, 0);
  EXPECT_EQ(out,
            png() + ": mnist, 40 + 20 images of 1 x 4 x 4, 10 classes; t10k-images-idx3-ubyte validates\n");
  // Ten rows of 56 pixels and three columns, four pixels between them, beside the names.
  const auto image = io::read_image(png()).pixels;
  EXPECT_EQ(image.shape()[1], 12 + 10 * 60 - 4 + 12);
  EXPECT_GT(image.shape()[2], 3 * 60);
  const std::string first = io::read_file(png());
  run({"show", "mnist", "--out", png(), "--count", "3", "--path", (folder_ / "data/mnist").string()});
  EXPECT_TRUE(io::read_file(png()) == first);
  run({"show", "mnist", "--out", png(), "--count", "3", "--seed", "1"});
  EXPECT_FALSE(io::read_file(png()) == first);
}

TEST_F(Data, RefusesWhatIsWrongInOneLine) {
  expect_refused({}, "vitrine data --help");
  expect_refused({"tidy"}, "list, fetch or show");
  expect_refused({"list", "--all"}, "--all");
  expect_refused({"fetch"}, "kind");
  expect_refused({"fetch", "digits"}, "mnist and fashion-mnist, not \"digits\"");
  expect_refused({"fetch", "mnist", "--to", "/proc/none"}, "/proc/none");
  expect_refused({"show", "digits"}, "--out");
  expect_refused({"show", "kmnist", "--out", png()}, "no kind \"kmnist\"");
  expect_refused({"show", "idx", "--out", png()}, "--path");
  expect_refused({"show", "folder", "--path", "/nonexistent", "--out", png()}, "/nonexistent");
  write_tiny();
  expect_refused({"show", "mnist", "--out", png(), "--count", "0"}, "from 1 to 100");
  expect_refused({"show", "mnist", "--out", png(), "--count", "many"}, "--count");
  expect_refused({"show", "mnist", "--out", (folder_ / "none/sheet.png").string()}, "none/sheet.png");
  EXPECT_FALSE(fs::exists(png()));
}

TEST_F(Data, Helps) {
  EXPECT_THAT(run({"--help"}).out, HasSubstr("vitrine data fetch mnist"));
  EXPECT_EQ(run({"fetch", "--help"}).out, run({"--help"}).out);
  EXPECT_EQ(run({"fetch", "mnist", "-h"}).out, run({"--help"}).out);
}

}  // namespace
}  // namespace vitrine::cli
