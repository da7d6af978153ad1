#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <thread>

#include "app/figures/film.h"
#include "app/figures/formats.h"
#include "app/figures/painter.h"
#include "engine/core/text.h"
#include "engine/io/descriptor.h"
#include "engine/io/files.h"

extern char** environ;

namespace vitrine::figures {
namespace {

constexpr int kPatience_ms = 100;  // between two looks at whether it is to stop

// ffmpeg as it reads frames from its standard input.
class Encoder {
 public:
  explicit Encoder(const std::vector<std::string>& arguments, const std::filesystem::path& file)
      : complaints_(std::tmpfile(), std::fclose), file_(file) {
    std::array<int, 2> ends{};
    if (complaints_ == nullptr || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
      throw io::FileError(file, std::strerror(errno));
    frames_.emplace(ends[0]);
    const io::Descriptor input(ends[1]);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input.get(), STDIN_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, fileno(complaints_.get()), STDERR_FILENO);
    std::vector<char*> argv;
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    const int failed = posix_spawnp(&process_, argv.front(), &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0)
      throw io::FileError(file, failed == ENOENT
                                    ? "needs the program ffmpeg, which is not installed; a .gif needs none"
                                    : std::string("ffmpeg cannot be started: ") + std::strerror(failed));
  }
  ~Encoder() {
    if (process_ > 0) {
      kill(process_, SIGKILL);
      waitpid(process_, nullptr, 0);
    }
  }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  // Throws what ffmpeg says when it takes no more. Once stopped, nothing it does is to be waited for.
  void add(const Pixels& pixels, const std::stop_token& stop) {
    const char* at = reinterpret_cast<const char*>(pixels.argb.data());
    std::size_t left = pixels.argb.size() * sizeof pixels.argb.front();
    while (left > 0 && !stop.stop_requested()) {
      pollfd ready{frames_->get(), POLLOUT, 0};
      if (poll(&ready, 1, kPatience_ms) == 0) continue;
      const ssize_t sent = send(frames_->get(), at, left, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (sent < 0) {
        finish(stop);
        throw io::FileError(file_, "ffmpeg takes no more frames");
      }
      at += sent;
      left -= static_cast<std::size_t>(sent);
    }
  }
  void finish(const std::stop_token& stop) {
    frames_.reset();
    int status = 0;
    pid_t ended = 0;
    while ((ended = waitpid(process_, &status, WNOHANG)) == 0 || (ended < 0 && errno == EINTR)) {
      if (stop.stop_requested()) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(kPatience_ms / 5));
    }
    process_ = -1;
    if (ended < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
      throw io::FileError(file_, "ffmpeg fails: " + complaint());
  }

 private:
  // The first line that it wrote.
  std::string complaint() const {
    std::array<char, 400> line{};
    std::rewind(complaints_.get());
    if (std::fgets(line.data(), line.size(), complaints_.get()) == nullptr) return "it does not say why";
    return core::printable(std::string_view(line.data(), std::strcspn(line.data(), "\n")));
  }

  std::unique_ptr<std::FILE, int (*)(std::FILE*)> complaints_;
  std::filesystem::path file_;
  std::optional<io::Descriptor> frames_;  // none once all are there
  pid_t process_ = -1;
};

// `to` gets the format that the ending of `file` names.
std::vector<std::string> arguments(const std::filesystem::path& file, const std::filesystem::path& to,
                                   const Film& film, const Pixels& first) {
  std::vector<std::string> all{
      "ffmpeg",      "-y",
      "-loglevel",   "error",
      "-f",          "rawvideo",
      "-pix_fmt",    "bgra",
      "-video_size", std::to_string(first.width) + 'x' + std::to_string(first.height),
      "-framerate",  core::exact(film.frames_a_second),
      "-i",          "-",
      "-an"};
  if (format_of(file).extension == ".mp4")  // an even number of pixels a side
    all.insert(all.end(), {"-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-c:v", "libx264", "-pix_fmt", "yuv420p",
                           "-crf", "18", "-movflags", "+faststart", "-f", "mp4"});
  else
    all.insert(all.end(),
               {"-c:v", "libvpx-vp9", "-pix_fmt", film.frames.front().ground ? "yuv420p" : "yuva420p", "-crf",
                "24", "-b:v", "0", "-row-mt", "1", "-cpu-used", "5", "-f", "webm"});
  all.push_back(to.string());
  return all;
}

}  // namespace

bool write_video(const std::filesystem::path& file, const Film& film, const Typefaces& typefaces,
                 std::stop_token stop, core::Progress& progress) {
  io::FileAside aside(std::filesystem::absolute(file));  // so that no name is an option to ffmpeg
  progress.begin(static_cast<core::Index>(film.frames.size()));
  std::unique_ptr<Encoder> encoder;
  for (const Drawing& frame : film.frames) {
    if (stop.stop_requested()) return false;
    const Pixels pixels = straight(painted(frame, typefaces, film.scale));
    if (!encoder) encoder = std::make_unique<Encoder>(arguments(file, aside.path(), film, pixels), file);
    encoder->add(pixels, stop);
    progress.advance();
  }
  encoder->finish(stop);
  if (stop.stop_requested()) return false;
  aside.replace();
  return true;
}

}  // namespace vitrine::figures
