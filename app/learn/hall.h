// Hall: the labs and the frame around them, as a lesson reaches them.
#pragma once

#include <string_view>
#include <vector>

#include "app/labs/lab.h"
#include "app/widgets/controls.h"

namespace vitrine::learn {

class Hall {
 public:
  virtual ~Hall() = default;
  // Opens the lab; false if there is none of this id.
  virtual bool select(std::string_view id) = 0;
  // What the labs say of themselves, in the order of the rail.
  virtual const std::vector<const labs::LabInfo*>& labs() const = 0;
  virtual labs::Lab& lab() = 0;
  // What is remembered of a lab's controls; null if there is no such lab.
  virtual widgets::ControlState* controls_of(std::string_view lab) = 0;
};

}  // namespace vitrine::learn
