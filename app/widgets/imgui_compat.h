// The one place that asks which Dear ImGui this is: what was renamed, removed or reshaped between 1.86
// and 1.92 goes by one name here. Thin functions without state of their own.
#pragma once

#include <imgui.h>
#include <imgui_impl_opengl3.h>

#include <algorithm>
#include <cstdint>

namespace vitrine::widgets::imgui_compat {

// The keys that mean something; a letter is the one that the keyboard's layout gives it.
enum class Key : std::uint8_t {
  // clang-format off
  kTab, kLeft, kRight, kUp, kDown, kPageUp, kPageDown, kHome, kEnd, kInsert, kDelete, kBackspace, kSpace,
  kEnter, kKeypadEnter, kEscape,
  kLeftCtrl, kRightCtrl, kLeftShift, kRightShift, kLeftAlt, kRightAlt, kLeftSuper, kRightSuper,
  kF1, kF2, kF3, kF4, kF5, kF6, kF7, kF8, kF9, kF10, kF11, kF12,
  kDigit0, kDigit1, kDigit2, kDigit3, kDigit4, kDigit5, kDigit6, kDigit7, kDigit8, kDigit9,
  kA, kB, kC, kD, kE, kF, kG, kH, kI, kJ, kK, kL, kM, kN, kO, kP, kQ, kR, kS, kT, kU, kV, kW, kX, kY, kZ,
  // clang-format on
};
inline constexpr int kKeys = static_cast<int>(Key::kZ) + 1;

constexpr bool is_modifier(Key key) { return Key::kLeftCtrl <= key && key <= Key::kRightSuper; }

#if IMGUI_VERSION_NUM >= 18700
inline ImGuiKey imgui_key(Key key) {
  const auto in_block = [key](Key first, ImGuiKey imgui_first) {
    return static_cast<ImGuiKey>(imgui_first + (static_cast<int>(key) - static_cast<int>(first)));
  };
  if (key >= Key::kA) return in_block(Key::kA, ImGuiKey_A);
  if (key >= Key::kDigit0) return in_block(Key::kDigit0, ImGuiKey_0);
  if (key >= Key::kF1) return in_block(Key::kF1, ImGuiKey_F1);
  switch (key) {
    case Key::kKeypadEnter:
      return ImGuiKey_KeypadEnter;
    case Key::kEscape:
      return ImGuiKey_Escape;
    case Key::kLeftCtrl:
      return ImGuiKey_LeftCtrl;
    case Key::kRightCtrl:
      return ImGuiKey_RightCtrl;
    case Key::kLeftShift:
      return ImGuiKey_LeftShift;
    case Key::kRightShift:
      return ImGuiKey_RightShift;
    case Key::kLeftAlt:
      return ImGuiKey_LeftAlt;
    case Key::kRightAlt:
      return ImGuiKey_RightAlt;
    case Key::kLeftSuper:
      return ImGuiKey_LeftSuper;
    case Key::kRightSuper:
      return ImGuiKey_RightSuper;
    default:
      return in_block(Key::kTab, ImGuiKey_Tab);
  }
}

// Once after ImGui::CreateContext: a frame sees all that it is told, since what can be told it in one is our
// choice.
inline void prepare_keys(ImGuiIO& io) { io.ConfigInputTrickleEventQueue = false; }
inline void add_key(ImGuiIO& io, Key key, bool down) {
  io.AddKeyEvent(imgui_key(key), down);
  switch (key) {
    case Key::kLeftCtrl:
    case Key::kRightCtrl:
      return io.AddKeyEvent(ImGuiMod_Ctrl, down);
    case Key::kLeftShift:
    case Key::kRightShift:
      return io.AddKeyEvent(ImGuiMod_Shift, down);
    case Key::kLeftAlt:
    case Key::kRightAlt:
      return io.AddKeyEvent(ImGuiMod_Alt, down);
    case Key::kLeftSuper:
    case Key::kRightSuper:
      return io.AddKeyEvent(ImGuiMod_Super, down);
    default:
      return;
  }
}
inline void add_pointer(ImGuiIO& io, ImVec2 position) { io.AddMousePosEvent(position.x, position.y); }
inline void add_button(ImGuiIO& io, int button, bool down) { io.AddMouseButtonEvent(button, down); }
inline void add_scroll(ImGuiIO& io, ImVec2 amount) { io.AddMouseWheelEvent(amount.x, amount.y); }

// True in the frame in which the key goes down, and where `repeat`, at the keyboard's rate while it stays
// down.
inline bool key_pressed(Key key, bool repeat = false) { return ImGui::IsKeyPressed(imgui_key(key), repeat); }
#else
// Once after ImGui::CreateContext: io.KeysDown is indexed by our Key.
inline void prepare_keys(ImGuiIO& io) {
  const auto map = [&io](ImGuiKey imgui_key, Key key) { io.KeyMap[imgui_key] = static_cast<int>(key); };
  for (int i = ImGuiKey_Tab; i <= ImGuiKey_End; ++i) map(i, static_cast<Key>(i));
  for (int i = ImGuiKey_Insert; i <= ImGuiKey_Enter; ++i) map(i, static_cast<Key>(i));
  map(ImGuiKey_Escape, Key::kEscape);
  map(ImGuiKey_KeyPadEnter, Key::kKeypadEnter);
  map(ImGuiKey_A, Key::kA);
  map(ImGuiKey_C, Key::kC);
  map(ImGuiKey_V, Key::kV);
  map(ImGuiKey_X, Key::kX);
  map(ImGuiKey_Y, Key::kY);
  map(ImGuiKey_Z, Key::kZ);
}
inline void add_key(ImGuiIO& io, Key key, bool down) {
  const auto is_down = [&io](Key k) { return io.KeysDown[static_cast<int>(k)]; };
  io.KeysDown[static_cast<int>(key)] = down;
  io.KeyCtrl = is_down(Key::kLeftCtrl) || is_down(Key::kRightCtrl);
  io.KeyShift = is_down(Key::kLeftShift) || is_down(Key::kRightShift);
  io.KeyAlt = is_down(Key::kLeftAlt) || is_down(Key::kRightAlt);
  io.KeySuper = is_down(Key::kLeftSuper) || is_down(Key::kRightSuper);
}
inline void add_pointer(ImGuiIO& io, ImVec2 position) { io.MousePos = position; }
inline void add_button(ImGuiIO& io, int button, bool down) { io.MouseDown[button] = down; }
inline void add_scroll(ImGuiIO& io, ImVec2 amount) {
  io.MouseWheelH += amount.x;
  io.MouseWheel += amount.y;
}

// True in the frame in which the key goes down, and where `repeat`, at the keyboard's rate while it stays
// down.
inline bool key_pressed(Key key, bool repeat = false) {
  return ImGui::IsKeyPressed(static_cast<int>(key), repeat);
}
#endif

// True in the frame in which this character is typed, wherever the keyboard has it.
inline bool typed(ImWchar character) {
  const auto& characters = ImGui::GetIO().InputQueueCharacters;
  return std::find(characters.begin(), characters.end(), character) != characters.end();
}

// Text fields paste what (owner.*paste)() returns, valid until the next call, and give (owner.*copy)(text) to
// copy.
template <class Owner, const char* (Owner::*paste)(), void (Owner::*copy)(const char* text)>
void use_clipboard(Owner& owner) {
#if IMGUI_VERSION_NUM >= 19110
  ImGuiPlatformIO& io = ImGui::GetPlatformIO();
  io.Platform_ClipboardUserData = &owner;
  io.Platform_GetClipboardTextFn = [](ImGuiContext*) {
    return (static_cast<Owner*>(ImGui::GetPlatformIO().Platform_ClipboardUserData)->*paste)();
  };
  io.Platform_SetClipboardTextFn = [](ImGuiContext*, const char* text) {
    (static_cast<Owner*>(ImGui::GetPlatformIO().Platform_ClipboardUserData)->*copy)(text);
  };
#else
  ImGuiIO& io = ImGui::GetIO();
  io.ClipboardUserData = &owner;
  io.GetClipboardTextFn = [](void* user) { return (static_cast<Owner*>(user)->*paste)(); };
  io.SetClipboardTextFn = [](void* user, const char* text) { (static_cast<Owner*>(user)->*copy)(text); };
#endif
}

// An OpenGL texture as ImGui::Image and ImDrawList::AddImage take it.
inline ImTextureID texture_id(unsigned int gl_name) {
#if IMGUI_VERSION_NUM >= 19140
  return static_cast<ImTextureID>(gl_name);
#else
  return reinterpret_cast<ImTextureID>(static_cast<std::uintptr_t>(gl_name));
#endif
}

// After the atlas was filled anew, outside a frame: makes its texture anew too. Before the first frame there
// is none.
inline void renew_font_texture() {
#if IMGUI_VERSION_NUM < 19200
  if (ImGui::GetFrameCount() == 0) return;
  ImGui_ImplOpenGL3_DestroyFontsTexture();
  ImGui_ImplOpenGL3_CreateFontsTexture();
#endif
}

// Makes all digits of a built font as wide as the widest, each in the middle of its place, so that columns of
// numbers line up. From 1.92 on glyphs are made when they are first drawn, and digits stay as the font has
// them.
inline void align_digits([[maybe_unused]] ImFont& font) {
#if IMGUI_VERSION_NUM < 19200
  float widest = 0;
  for (ImWchar digit = '0'; digit <= '9'; ++digit) widest = std::max(widest, font.GetCharAdvance(digit));
  for (ImFontGlyph& glyph : font.Glyphs) {
    if (glyph.Codepoint < '0' || glyph.Codepoint > '9') continue;
    const float shift = (widest - glyph.AdvanceX) / 2;
    glyph.X0 += shift;
    glyph.X1 += shift;
    glyph.AdvanceX = widest;
    font.IndexAdvanceX[static_cast<int>(glyph.Codepoint)] = widest;
  }
#endif
}

// The size in pixels that the font was loaded at.
inline float font_size(const ImFont* font) {
#if IMGUI_VERSION_NUM >= 19200
  return font->LegacySize;
#else
  return font->FontSize;
#endif
}

inline void push_font(ImFont* font) {
#if IMGUI_VERSION_NUM >= 19200
  ImGui::PushFont(font, font->LegacySize);
#else
  ImGui::PushFont(font);
#endif
}

inline bool has_glyph(ImFont* font, ImWchar character) {
#if IMGUI_VERSION_NUM >= 19200
  return font->IsGlyphInFont(character);
#else
  return font->FindGlyphNoFallback(character) != nullptr;
#endif
}

inline bool begin_child(const char* id, ImVec2 size, bool bordered = false, ImGuiWindowFlags flags = 0) {
#if IMGUI_VERSION_NUM >= 19110
  return ImGui::BeginChild(id, size, bordered ? ImGuiChildFlags_Borders : ImGuiChildFlags_None, flags);
#elif IMGUI_VERSION_NUM >= 19000
  return ImGui::BeginChild(id, size, bordered ? ImGuiChildFlags_Border : ImGuiChildFlags_None, flags);
#else
  return ImGui::BeginChild(id, size, bordered, flags);
#endif
}

}  // namespace vitrine::widgets::imgui_compat
