set(SOURCE_PATH "${CURRENT_PORT_DIR}/../../..")  # overlay; a registry port fetches a tag
vcpkg_check_features(OUT_FEATURE_OPTIONS features
    FEATURES
        postgres PATRON_POSTGRES
        sqlite PATRON_SQLITE
        tool PATRON_BUILD_TOOL)
string(COMPARE EQUAL "${VCPKG_LIBRARY_LINKAGE}" "dynamic" shared)
vcpkg_cmake_configure(SOURCE_PATH "${SOURCE_PATH}" OPTIONS
    -DPATRON_SHARED=${shared} -DPATRON_BUILD_TESTS=OFF -DPATRON_BUILD_EXAMPLES=OFF ${features})
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH lib/cmake/patron)
vcpkg_fixup_pkgconfig()
if("tool" IN_LIST FEATURES)
    vcpkg_copy_tools(TOOL_NAMES patron AUTO_CLEAN)
endif()
vcpkg_copy_pdbs()
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug/include" "${CURRENT_PACKAGES_DIR}/debug/share")
file(INSTALL "${CURRENT_PORT_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
