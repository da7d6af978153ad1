// State files: what a lab computes and shows, and the exercise or lesson that stands open beside it, as one
// JSON object: in a file whose name ends in .vitrine, or on one line that can be sent and pasted. It holds
// values only; files that it names are those beside it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "app/labs/lab.h"

namespace vitrine::shell {

class App;

inline constexpr std::string_view kStateEnding = ".vitrine";
inline constexpr core::Index kStateLimit_bytes = core::Index{16} << 20;

// {"vitrine": the version, "lab": its id, "params": {...}, "view": {...}} of the open lab, and, where one is
// open, "lesson" or "card": {"id": ..., "step": from 1}. Files are named without their folders.
std::string state_text(App& app);
// The same without line breaks.
std::string state_line(App& app);

// Opens the state's lab with it: all of it, or, where it throws, nothing. Files that it names are looked for
// in `folder`; empty: there are none. Returns one line for the user, mostly empty: what was not understood.
// Throws io::FormatError when it is no state, is damaged or of an unknown lab.
std::string open_state(std::string_view text, const std::filesystem::path& folder, App& app);
// The same of a file. Throws io::FileError.
std::string open_state(const std::filesystem::path& file, App& app);
// The lab's id. Throws io::FormatError.
std::string lab_of_state(std::string_view text);

// The state in what was pasted, perhaps with blanks, quotes or a Markdown code fence around it; empty: there
// is none.
std::string_view state_in(std::string_view pasted);

// What a lab's state says beside its numbers: the files that it names, as it names them, and a digest of its
// Params, which changes when they do and not with the View.
struct StateLook {
  std::vector<std::filesystem::path> files;
  std::uint64_t digest = 0;
};
StateLook look_at_state(labs::Lab& lab);

// A lab's bare Params and View, {"params": {...}, "view": {...}}, for --preset. Throws io::FormatError, also
// on unknown fields.
void load_state(const std::string& text, labs::Lab& lab);

}  // namespace vitrine::shell
