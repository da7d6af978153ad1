# Where everything but the programs goes: as the XDG Base Directory, Desktop Entry and Shared MIME-info specifications
# have it, below the prefix.
install(DIRECTORY assets shaders DESTINATION share/vitrine
  PATTERN assets/desktop EXCLUDE
  PATTERN assets/icons EXCLUDE
  PATTERN "*.py" EXCLUDE
  PATTERN __pycache__ EXCLUDE)

set(desktop ${PROJECT_SOURCE_DIR}/assets/desktop)
if(VITRINE_WINDOW)
  set(icons ${PROJECT_SOURCE_DIR}/assets/icons)
  install(FILES ${desktop}/vitrine.desktop DESTINATION share/applications)
  install(FILES ${desktop}/vitrine.xml DESTINATION share/mime/packages)
  install(FILES ${icons}/vitrine.svg DESTINATION share/icons/hicolor/scalable/apps)
  foreach(size 48 128)
    install(FILES ${icons}/vitrine-${size}.png DESTINATION share/icons/hicolor/${size}x${size}/apps RENAME vitrine.png)
  endforeach()
endif()
install(FILES ${desktop}/vitrine.bash DESTINATION share/bash-completion/completions RENAME vitrine)
install(FILES ${desktop}/_vitrine DESTINATION share/zsh/vendor-completions)

# gzip -n: the same bytes whenever it is built.
find_program(GZIP gzip)
if(GZIP)
  set(compressed)
  foreach(file docs/vitrine.1 assets/desktop/changelog)
    get_filename_component(name ${file} NAME)
    set(target ${CMAKE_CURRENT_BINARY_DIR}/${name}.gz)
    add_custom_command(OUTPUT ${target}
      COMMAND ${GZIP} -9nc ${PROJECT_SOURCE_DIR}/${file} > ${target}
      DEPENDS ${file}
      VERBATIM)
    list(APPEND compressed ${target})
  endforeach()
  add_custom_target(vitrine_compressed ALL DEPENDS ${compressed})
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/vitrine.1.gz DESTINATION share/man/man1)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/changelog.gz DESTINATION share/doc/vitrine)
else()
  install(FILES docs/vitrine.1 DESTINATION share/man/man1)
  install(FILES assets/desktop/changelog DESTINATION share/doc/vitrine)
endif()
install(FILES ${desktop}/copyright DESTINATION share/doc/vitrine)
install(DIRECTORY docs/ DESTINATION share/doc/vitrine FILES_MATCHING PATTERN "*.md" PATTERN pictures EXCLUDE)
