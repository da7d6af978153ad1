# cpack makes a Debian package of what is installed; docs/packaging.md has the commands. Debian's own triggers bring the
# menus, the MIME types, the icons and the manual pages up to date, so there are no maintainer scripts but the ldconfig
# that cpack writes for the engine.
set(VITRINE_MAINTAINER "The Vitrine authors <authors@vitrine.example>" CACHE STRING "Who answers for the package, as Debian's Maintainer field has it")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME vitrine)
set(CPACK_PACKAGE_CONTACT ${VITRINE_MAINTAINER})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "glass case for convolution, attention and Vision Transformers")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Vitrine shows how convolution, attention and Vision Transformers work, over a
live compute engine: drag a kernel's weight, click a mask, turn the softmax's
temperature, change the learning rate of a transformer while it learns, and see
in the next frame what that does and why. Lessons and exercises go with the
labs.

A shell has the same engine: exact operations as JSON, training, sweeps,
evaluation, pictures of every lab.")
if(VITRINE_ARCH STREQUAL "x86-64-v3")
  string(APPEND CPACK_DEBIAN_PACKAGE_DESCRIPTION "

The processor must have AVX2 and FMA (x86-64-v3); AVX-512 is used where it is
there.")
endif()

# The engine's own libraries are looked into for what they need, and are no dependencies themselves.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
if(VITRINE_SHARED_ENGINE)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/lib)
endif()
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates")
if(VITRINE_WINDOW)
  # Opened by name at run time: EGL, OpenGL and its drivers, the fonts.
  set(CPACK_DEBIAN_PACKAGE_DEPENDS "libegl1, libgl1, libgl1-mesa-dri | libgl1-nvidia-glvnd-glx, fonts-inter, fonts-jetbrains-mono, fonts-dejavu-core")
  string(APPEND CPACK_DEBIAN_PACKAGE_RECOMMENDS ", ffmpeg")
endif()
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "dataset-fashion-mnist")

include(CPack)
