// A web server on loopback for one test: every answer is what the test's function makes of the request, to
// the byte, and then the connection ends.
#pragma once

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace vitrine::io {

struct HttpRequest {
  std::string path;                 // "/file.gz"
  std::optional<std::size_t> from;  // of "Range: bytes=N-"
};

struct HttpAnswer {
  std::string bytes;
  bool holds = false;  // then says nothing more until the other side goes away
};

inline std::string http(const std::string& status, const std::string& body, const std::string& headers = "") {
  return "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n\r\n" + body;
}

// The file as a server gives it that can begin in its middle.
inline std::string http_file(const std::string& file, const HttpRequest& request) {
  if (!request.from) return http("200 OK", file);
  if (*request.from >= file.size()) return http("416 Range Not Satisfiable", "");
  return http("206 Partial Content", file.substr(*request.from),
              "Content-Range: bytes " + std::to_string(*request.from) + "-" +
                  std::to_string(file.size() - 1) + "/" + std::to_string(file.size()) + "\r\n");
}

class HttpServer {
 public:
  using Answering = std::function<HttpAnswer(const HttpRequest&)>;

  explicit HttpServer(Answering answering) : answering_(std::move(answering)) {
    ::setenv("no_proxy", "127.0.0.1", 1);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, plain, size) != 0 || ::listen(listener_, 8) != 0 ||
        ::getsockname(listener_, plain, &size) != 0)
      throw std::runtime_error("no server on loopback");
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this] { serve(); });
  }
  ~HttpServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  std::vector<HttpRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve() {
    for (int peer; (peer = ::accept(listener_, nullptr, nullptr)) >= 0; ::close(peer)) {
      const HttpRequest request = read_request(peer);
      {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      const HttpAnswer answer = answering_(request);
      for (std::string_view rest = answer.bytes; !rest.empty();) {
        const ssize_t sent = ::send(peer, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent <= 0) break;
        rest.remove_prefix(static_cast<std::size_t>(sent));
      }
      char nothing;
      if (answer.holds) [[maybe_unused]]
        const ssize_t gone = ::recv(peer, &nothing, 1, 0);
    }
  }
  static HttpRequest read_request(int peer) {
    std::string text;
    char piece[4096];
    for (ssize_t got; text.find("\r\n\r\n") == std::string::npos;
         text.append(piece, static_cast<std::size_t>(got)))
      if ((got = ::recv(peer, piece, sizeof piece, 0)) <= 0) break;
    const std::size_t path = std::min(text.find(' ') + 1, text.size());
    HttpRequest request{text.substr(path, text.find(' ', path) - path), {}};
    constexpr std::string_view kRange = "Range: bytes=";
    if (const auto at = text.find(kRange); at != std::string::npos)
      request.from = std::stoul(text.substr(at + kRange.size()));
    return request;
  }

  const Answering answering_;
  const int listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int port_ = 0;
  mutable std::mutex mutex_;
  std::vector<HttpRequest> requests_;
  std::jthread thread_;
};

}  // namespace vitrine::io
