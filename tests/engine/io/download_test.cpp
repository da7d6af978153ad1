#include "engine/io/download.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/file.h>
#include <sys/resource.h>

#include <csignal>

#include "engine/core/stop.h"
#include "engine/io/descriptor.h"
#include "engine/io/sha256.h"
#include "tests/engine/io/http_server.h"
#include "tests/engine/io/temporary_folder.h"

namespace vitrine::io {
namespace {

namespace fs = std::filesystem;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

std::string some_bytes() {
  std::string bytes(300'000, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * i / 1000);
  return bytes;
}

class Download : public testing::Test {
 protected:
  Download() {
    write_file(folder_ / "truth", bytes_);
    expected_ = {std::ssize(bytes_), sha256_of(folder_ / "truth")};
  }
  void left_by_a_cut_download(const std::string& bytes) { write_file(part_, bytes); }
  std::string refusal(const HttpServer& server) {
    return error_of<DownloadError>([&] { download(server.url("/data.gz"), file_, expected_); });
  }
  void expect_whole() {
    EXPECT_TRUE(read_file(file_) == bytes_);
    EXPECT_FALSE(fs::exists(part_));
  }
  void expect_nothing() {
    EXPECT_FALSE(fs::exists(file_));
    EXPECT_FALSE(fs::exists(part_));
  }
  HttpAnswer whole(const HttpRequest& request) const { return {http_file(bytes_, request)}; }
  // The head of a full answer, and only the first of its bytes.
  std::string cut(std::size_t bytes) const {
    const std::string answer = http("200 OK", bytes_);
    return answer.substr(0, answer.size() - bytes_.size() + bytes);
  }

  const TemporaryFolder folder_;
  const std::string bytes_ = some_bytes();
  Expected expected_;
  const fs::path file_ = folder_ / "data.gz", part_ = folder_ / "data.gz.part";
};

TEST_F(Download, FetchesAWholeFileAndTellsHowFarItIs) {
  const HttpServer server([&](const HttpRequest& request) { return whole(request); });
  core::Index told = 0;
  download(server.url("/data.gz"), file_, expected_, {{}, [&](core::Index bytes) { told = bytes; }});
  expect_whole();
  EXPECT_EQ(told, std::ssize(bytes_));
  ASSERT_EQ(server.requests().size(), 1u);
  EXPECT_EQ(server.requests()[0].path, "/data.gz");
  EXPECT_FALSE(server.requests()[0].from);
}

TEST_F(Download, GoesOnWhereACutOneEnded) {
  int count = 0;
  const HttpServer server(
      [&](const HttpRequest& request) { return count++ == 0 ? HttpAnswer{cut(100'000)} : whole(request); });
  EXPECT_THAT(refusal(server), StartsWith(server.url("/data.gz: ")));
  EXPECT_FALSE(fs::exists(file_));
  EXPECT_TRUE(read_file(part_) == bytes_.substr(0, 100'000));
  download(server.url("/data.gz"), file_, expected_);
  expect_whole();
  EXPECT_EQ(server.requests()[1].from, 100'000u);
}

TEST_F(Download, BeginsAnewWhereTheServerCannotGoOn) {
  left_by_a_cut_download(bytes_.substr(0, 1000));
  const HttpServer server([&](const HttpRequest&) { return HttpAnswer{http("200 OK", bytes_)}; });
  download(server.url("/data.gz"), file_, expected_);
  expect_whole();
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(Download, BeginsAnewWhereTheRestDoesNotFit) {
  left_by_a_cut_download(std::string(1000, 'x'));
  const HttpServer server([&](const HttpRequest& request) { return whole(request); });
  download(server.url("/data.gz"), file_, expected_);
  expect_whole();
  ASSERT_EQ(server.requests().size(), 2u);
  EXPECT_FALSE(server.requests()[1].from);
}

TEST_F(Download, BeginsAnewWhereTheServerKnowsNoSuchRest) {
  left_by_a_cut_download(bytes_.substr(0, 1000));
  const HttpServer server([&](const HttpRequest& request) {
    return HttpAnswer{request.from ? http("416 Range Not Satisfiable", "") : http("200 OK", bytes_)};
  });
  download(server.url("/data.gz"), file_, expected_);
  expect_whole();
}

TEST_F(Download, WhatIsAlreadyWholeIsOnlyPutInPlace) {
  left_by_a_cut_download(bytes_);
  const HttpServer server([&](const HttpRequest& request) { return whole(request); });
  download(server.url("/data.gz"), file_, expected_);
  expect_whole();
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(Download, AnotherFileIsRefusedAndNothingOfItKept) {
  std::string other = bytes_;
  other[7] ^= 1;
  const HttpServer server([&](const HttpRequest&) { return HttpAnswer{http("200 OK", other)}; });
  EXPECT_THAT(refusal(server), HasSubstr("is another file: its SHA-256 is "));
  expect_nothing();
}

TEST_F(Download, TheOldFileStaysUntilTheNewOneIsWhole) {
  write_file(file_, "old");
  const HttpServer server([&](const HttpRequest&) { return HttpAnswer{http("200 OK", "short")}; });
  EXPECT_THAT(refusal(server), EndsWith("is of 5 bytes, 300,000 are expected"));
  EXPECT_EQ(read_file(file_), "old");
}

// A page of a network that wants a login first must not cost what has come already.
TEST_F(Download, AnAnswerOfAnotherSizeLeavesWhatWasThere) {
  left_by_a_cut_download(bytes_.substr(0, 1000));
  const HttpServer server(
      [&](const HttpRequest&) { return HttpAnswer{http("200 OK", "<html>login</html>")}; });
  EXPECT_THAT(refusal(server), EndsWith("is of 18 bytes, 300,000 are expected"));
  EXPECT_TRUE(read_file(part_) == bytes_.substr(0, 1000));
}

TEST_F(Download, MoreThanExpectedIsNotTaken) {
  const HttpServer server([&](const HttpRequest&) {
    return HttpAnswer{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + bytes_ + "and more"};
  });
  EXPECT_THAT(refusal(server), EndsWith("holds more than the 300,000 bytes expected"));
  expect_nothing();
}

TEST_F(Download, AnswersThatAreNoFileAreNamed) {
  // One answer a request; the last redirects to itself until that is enough.
  const std::vector<std::string> answers{
      http("404 Not Found", "no"),
      http("206 Partial Content", bytes_, "Content-Range: bytes 5-300004/300005\r\n"),
      http("302 Found", "", "Location: file:///etc/passwd\r\n"),
      "",
      http("302 Found", "", "Location: /data.gz\r\n"),
  };
  std::size_t count = 0;
  const HttpServer server(
      [&](const HttpRequest&) { return HttpAnswer{answers[std::min(count++, answers.size() - 1)]}; });
  EXPECT_EQ(refusal(server), server.url("/data.gz: the server answers 404"));
  EXPECT_THAT(refusal(server), EndsWith("answers with the range \"bytes 5-300004/300005\", not bytes 0-"));
  EXPECT_THAT(refusal(server), HasSubstr("rotocol"));
  EXPECT_THAT(refusal(server), StartsWith(server.url("/data.gz: ")));
  EXPECT_THAT(refusal(server), HasSubstr("redirects"));
  expect_nothing();
}

TEST_F(Download, RedirectionsAreFollowed) {
  const HttpServer server([&](const HttpRequest& request) {
    return request.path == "/real" ? whole(request)
                                   : HttpAnswer{http("302 Found", "", "Location: /real\r\n")};
  });
  download(server.url("/data.gz"), file_, expected_);
  expect_whole();
}

TEST_F(Download, WhereNobodyListensOrSpeaksIsNamed) {
  std::string url;
  {
    const HttpServer gone([&](const HttpRequest& request) { return whole(request); });
    url = gone.url("/data.gz");
  }
  EXPECT_THAT(error_of<DownloadError>([&] { download(url, file_, expected_); }), StartsWith(url + ": "));
  expect_nothing();
  const HttpServer silent([&](const HttpRequest&) { return HttpAnswer{cut(0), true}; });
  const DownloadOptions impatient{{}, [](core::Index) {}, 15, 1};
  EXPECT_THAT(error_of<DownloadError>([&] { download(silent.url("/data.gz"), file_, expected_, impatient); }),
              HasSubstr("too slow"));
  expect_nothing();
}

TEST_F(Download, StopsAndKeepsWhatHasCome) {
  const HttpServer server([&](const HttpRequest&) { return HttpAnswer{cut(1000), true}; });
  std::stop_source stop;
  const auto watch = [&](core::Index bytes) {
    if (bytes == 1000) stop.request_stop();
  };
  EXPECT_THROW(download(server.url("/data.gz"), file_, expected_, {stop.get_token(), watch}), core::Stopped);
  EXPECT_FALSE(fs::exists(file_));
  EXPECT_TRUE(read_file(part_) == bytes_.substr(0, 1000));
}

TEST_F(Download, OneAtATimeAndOnlyWhereItMayWrite) {
  const HttpServer server([&](const HttpRequest& request) { return whole(request); });
  {
    const Descriptor other(::open(part_.c_str(), O_CREAT | O_WRONLY, 0666));
    ASSERT_EQ(::flock(other.get(), LOCK_EX), 0);
    EXPECT_EQ(error_of<FileError>([&] { download(server.url("/data.gz"), file_, expected_); }),
              part_.string() + ": another program is downloading it; wait for it or stop it");
  }
  EXPECT_EQ(error_of<FileError>([&] { download(server.url("/data.gz"), folder_ / "none/file", expected_); }),
            (folder_ / "none/file.part").string() + ": No such file or directory");
  download(server.url("/data.gz"), file_, expected_);
  expect_whole();
}

// As on a full disk: no more than 1,000 bytes can be written.
TEST_F(Download, ADiskThatTakesNoMoreIsNamed) {
  const HttpServer server([&](const HttpRequest& request) { return whole(request); });
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string reason = error_of<FileError>([&] { download(server.url("/data.gz"), file_, expected_); });
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(reason, part_.string() + ": File too large");
  EXPECT_TRUE(read_file(part_) == bytes_.substr(0, 1000));
  download(server.url("/data.gz"), file_, expected_);
  expect_whole();
}

}  // namespace
}  // namespace vitrine::io
