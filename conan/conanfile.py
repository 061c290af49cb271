import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain
from conan.tools.files import copy, load, rmdir

required_conan_version = ">=2.1"


class Patron(ConanFile):
    name = "patron"
    license = "BSL-1.0"
    description = "A supplier's relationships with its business customers: stages, policies, credit"
    topics = ("crm", "b2b", "state-machine", "credit-limit", "event-sourcing")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], "fPIC": [True, False], "sqlite": [True, False], "postgres": [True, False],
               "tool": [True, False]}
    default_options = {"shared": False, "fPIC": True, "sqlite": True, "postgres": False, "tool": False}
    implements = ["auto_shared_fpic"]

    def set_version(self):  # the header is the one place that states the version
        header = load(self, os.path.join(self.recipe_folder, "..", "include/patron/version.hpp"))
        self.version = ".".join(re.findall(r"VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header))

    def export_sources(self):
        root = os.path.join(self.recipe_folder, "..")
        for pattern in ("CMakeLists.txt", "LICENSE", "include/*", "src/*"):
            copy(self, pattern, root, self.export_sources_folder)

    def layout(self):  # the recipe lives in conan/, the project one level up
        self.folders.root, self.folders.source = "..", "."
        self.folders.build = self.folders.generators = "build/conan"

    def requirements(self):
        self.requires("boost/[>=1.83 <2]", transitive_headers=True, transitive_libs=True)
        self.requires("openssl/[>=3 <4]")
        if self.options.sqlite:
            self.requires("sqlite3/[>=3.37 <4]")
        if self.options.postgres:
            self.requires("libpq/[>=13 <18]")
        if self.options.tool:
            self.requires("cli11/[>=2.1 <3]")
            self.requires("fmt/[>=9 <13]")

    def validate(self):
        check_min_cppstd(self, 20)

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables["PATRON_SHARED"] = bool(self.options.shared)
        toolchain.cache_variables["PATRON_SQLITE"] = bool(self.options.sqlite)
        toolchain.cache_variables["PATRON_POSTGRES"] = bool(self.options.postgres)
        toolchain.cache_variables["PATRON_BUILD_TOOL"] = bool(self.options.tool)
        toolchain.cache_variables["PATRON_BUILD_TESTS"] = False
        toolchain.cache_variables["PATRON_BUILD_EXAMPLES"] = False
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        CMake(self).install()
        for folder in ("cmake", "pkgconfig"):  # CMakeDeps and PkgConfigDeps write their own
            rmdir(self, os.path.join(self.package_folder, "lib", folder))
        rmdir(self, os.path.join(self.package_folder, "share"))

    def package_info(self):  # the same target names as our own CMake package
        self.cpp_info.set_property("cmake_file_name", "patron")
        core = self.cpp_info.components["core"]
        core.set_property("cmake_target_name", "patron::patron")
        core.set_property("pkg_config_name", "patron")
        core.libs = ["patron"]
        core.requires = ["boost::headers", "boost::json"]
        if self.options.shared:
            core.defines = ["PATRON_SHARED"]
        header_only = self.cpp_info.components["header_only"]
        header_only.set_property("cmake_target_name", "patron::header_only")
        header_only.defines = ["PATRON_HEADER_ONLY"]
        header_only.libs = []
        header_only.requires = ["boost::headers", "boost::json"]
        if self.settings.os in ("Linux", "FreeBSD"):
            core.system_libs = ["pthread"]
            header_only.system_libs = ["pthread"]
        if self.settings.os == "Linux" and self.settings.arch == "x86_64" and not self.options.shared:
            core.system_libs += ["mvec", "m"]
        stores = ["store"]
        self.add_store("store", ["core", "boost::json", "boost::serialization", "openssl::crypto"])
        if self.options.sqlite:
            self.add_store("sqlite", ["store", "sqlite3::sqlite3", "openssl::crypto"])
            stores.append("sqlite")
        if self.options.postgres:
            self.add_store("postgres", ["store", "libpq::libpq", "openssl::crypto"])
            stores.append("postgres")
        self.add_store("stores", stores)
        if self.options.tool:
            tool = self.cpp_info.components["tool"]
            tool.requires = ["stores", "cli11::cli11", "fmt::fmt"]
            tool.libs = []

    def add_store(self, name, requires):
        component = self.cpp_info.components[name]
        component.set_property("cmake_target_name", f"patron::{name}")
        component.set_property("pkg_config_name", f"patron-{name}")
        component.libs = [f"patron_{name}"]
        component.requires = requires
