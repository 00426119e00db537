# What `make install` installs of the C API: headers, libraries, daos.pc and the CMake package `daos`. Everything is found
# relative to its own place, so an installed tree may be moved. Programs are installed where they are defined. One component,
# so that packages and tests can take the API alone: cmake --install BUILD --component api --prefix DIR.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT api
        FILES_MATCHING PATTERN "*.h")

set_target_properties(daos_stub PROPERTIES EXPORT_NAME daos)
set_target_properties(daos_common_stub PROPERTIES EXPORT_NAME daos_common)
set_target_properties(gurt_stub PROPERTIES EXPORT_NAME gurt)
set_target_properties(dfs_stub PROPERTIES EXPORT_NAME dfs)
install(TARGETS daos_client LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT api)
install(TARGETS daos_stub daos_common_stub gurt_stub dfs_stub EXPORT daos
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT api NAMELINK_COMPONENT api)

# pkg-config: pcfiledir is the folder of daos.pc.
set(pc ${PROJECT_BINARY_DIR}/daos.pc)
file(CONFIGURE OUTPUT ${pc} @ONLY CONTENT [[
prefix=${pcfiledir}/../..
includedir=${prefix}/@CMAKE_INSTALL_INCLUDEDIR@
libdir=${prefix}/@CMAKE_INSTALL_LIBDIR@

Name: daos
Description: Distributed asynchronous object storage
Version: @PROJECT_VERSION@
Requires: uuid
Libs: -L${libdir} -ldaos -ldaos_common -lgurt
Cflags: -I${includedir}
]])
install(FILES ${pc} DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT api)

# find_package(daos) gives daos::daos, daos::daos_common, daos::gurt and daos::dfs.
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/daos)
install(EXPORT daos NAMESPACE daos:: FILE daos-config.cmake DESTINATION ${package_dir} COMPONENT api)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/daos-config-version.cmake COMPATIBILITY SameMajorVersion)
install(FILES ${PROJECT_BINARY_DIR}/daos-config-version.cmake DESTINATION ${package_dir} COMPONENT api)
