// CommandLoop: the life of a thread that works in small pieces and takes commands between them. No flood of
// commands stops the work, and none waits for more than a piece of it.
#pragma once

#include <sys/resource.h>

#include <deque>
#include <exception>
#include <stop_token>
#include <utility>
#include <variant>

#include "engine/core/channels.h"
#include "engine/core/stop.h"

namespace vitrine::train {

// Makes room for the window: the calling thread, and those that it starts, go behind others (Linux).
inline void be_polite() {
  constexpr int kNice = 5;
  setpriority(PRIO_PROCESS, 0, kNice);
}

template <class Command>
class CommandLoop {
 public:
  // Any thread.
  void send(Command command) { commands_.push(Message(std::move(command))); }
  // Ends run() soon after stop was requested, also where it waits for a command.
  void wake_to_quit() { commands_.push(Wake{}); }

  // On the worker's thread, until stop is requested. What a worker does:
  //   void handle(const Command&)
  //   void publish()                     after all commands that had arrived
  //   bool idle() const                  true: waits for a command
  //   void advance()                     else a piece of work
  //   void fail(const std::exception&)   when one of these threw; but core::Stopped ends the loop
  template <class Worker>
  void run(const std::stop_token& stop, Worker& worker) {
    std::deque<Message> inbox;
    bool news = false;
    while (!stop.stop_requested()) {
      try {
        if (!inbox.empty()) {
          const Message message = std::move(inbox.front());
          inbox.pop_front();
          news = true;
          if (const auto* command = std::get_if<Command>(&message)) worker.handle(*command);
        } else if (std::exchange(news, false)) {
          worker.publish();
        } else {
          if (worker.idle())
            inbox.push_back(commands_.pop());
          else
            worker.advance();
          for (Message& message : commands_.drain()) inbox.push_back(std::move(message));
        }
      } catch (const core::Stopped&) {
        return;
      } catch (const std::exception& error) {
        worker.fail(error);
      }
    }
  }

 private:
  struct Wake {};
  using Message = std::variant<Command, Wake>;

  core::Stream<Message> commands_;
};

}  // namespace vitrine::train
