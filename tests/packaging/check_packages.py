#!/usr/bin/env python3
"""CMake, Conan, vcpkg and pkg-config say the same of this project: check_packages.py ROOT

Compared: name, version, licence, description, options and what they need, the least Boost and its
parts, and the names of targets. `--self-test` breaks a copy in each of these ways, and each must be noticed.
"""
import ast
import json
import pathlib
import re
import shutil
import sys
import tempfile

# an option of the packages, the option of CMake behind it, what it brings along (CMake's spelling)
OPTIONS = {
    "postgres": ("PATRON_POSTGRES", {"PostgreSQL"}),
    "sqlite": ("PATRON_SQLITE", {"SQLite3"}),
    "tool": ("PATRON_BUILD_TOOL", {"CLI11", "fmt"}),
}
ALWAYS = {"openssl"}  # beside Boost
CALLED_BY_CMAKE = {"libpq": "postgresql"}  # what the package managers call otherwise
PART_OF_HEADER = {"archive": "serialization", "multi_index_container": "multi-index", "version": "config", "cstdint": "config"}


def read(root, path):
    return (root / path).read_text(encoding="utf-8")


class Recipe:
    """What conan/conanfile.py states, read without Conan."""

    def __init__(self, text):
        tree = ast.parse(text)
        body = next(node for node in tree.body if isinstance(node, ast.ClassDef)).body
        self.values = {}
        for node in body:
            if isinstance(node, ast.Assign):
                try:
                    self.values[node.targets[0].id] = ast.literal_eval(node.value)
                except ValueError:
                    pass
        self.needs = {"": {}}  # option -> {package: version range}
        for node in body:
            if isinstance(node, ast.FunctionDef) and node.name == "requirements":
                self.collect(node.body, "")
        self.targets = set(re.findall(r'"cmake_target_name", "([^"]+)"', text))
        self.targets |= {"patron::" + name for name in re.findall(r'add_store\("(\w+)"', text)}
        self.components = set(re.findall(r'"boost::(\w+)"', text))
        self.variables = set(re.findall(r'cache_variables\["(\w+)"\]', text))
        self.pattern = re.search(r're\.findall\(r"([^"]+)"', text).group(1)

    def collect(self, body, option):
        for node in body:
            if isinstance(node, ast.If):
                self.collect(node.body, node.test.attr)
            elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                package, _, version = node.value.args[0].value.partition("/")
                self.needs.setdefault(option, {})[package] = version


def boost_parts(root):
    """The Boost libraries whose headers the project includes, by vcpkg's names."""
    found = set()
    for folder in ("include", "src"):
        for path in (root / folder).rglob("*.?pp"):
            for part in re.findall(r"^\s*#\s*include <boost/(\w+)", path.read_text(encoding="utf-8"), re.M):
                found.add("boost-" + PART_OF_HEADER.get(part, part.replace("_", "-")))
    return found


def check(root):
    faults = []

    def same(what, **said):
        if len({repr(value) for value in said.values()}) != 1:
            faults.append(f"{what}: " + "; ".join(f"{who} says {value!r}" for who, value in said.items()))

    cmake, source = read(root, "CMakeLists.txt"), read(root, "src/CMakeLists.txt")
    config, header = read(root, "src/cmake/config.cmake.in"), read(root, "include/patron/version.hpp")
    pc, port = read(root, "src/cmake/patron.pc.in"), read(root, "vcpkg/ports/patron/portfile.cmake")
    usage = read(root, "vcpkg/ports/patron/usage")
    vcpkg = json.loads(read(root, "vcpkg/ports/patron/vcpkg.json"))
    conan = Recipe(read(root, "conan/conanfile.py"))
    project = re.search(r'^project\((\w+) .*\n\s+DESCRIPTION "([^"]+)"\)', cmake, re.M)

    same("name", cmake=project.group(1), conan=conan.values["name"], vcpkg=vcpkg["name"],
         pkg_config=re.search(r"^Name: (.+)$", pc, re.M).group(1))
    same("description", cmake=project.group(2), conan=conan.values["description"], vcpkg=vcpkg["description"])
    same("licence", conan=conan.values["license"], vcpkg=vcpkg["license"],
         file="BSL-1.0" if "Boost Software License - Version 1.0" in read(root, "LICENSE") else "another")
    numbers = re.findall(r"PATRON_VERSION_(MAJOR|MINOR|PATCH) (\d+)", header)
    same("version", header=".".join(number for _, number in numbers), vcpkg=vcpkg.get("version"),
         conan=".".join(re.findall(conan.pattern, header)))

    options = set(re.findall(r"^option\((PATRON_\w+)", cmake, re.M))
    own = set(conan.values["options"]) - {"shared", "fPIC"}
    same("options", table=sorted(OPTIONS), conan=sorted(own), vcpkg=sorted(vcpkg.get("features", {})))
    same("defaults", conan=sorted(name for name in own if conan.values["default_options"][name]),
         vcpkg=sorted(vcpkg.get("default-features", [])))
    features = dict(re.findall(r"^\s+(?:FEATURES )?([a-z_]+) (PATRON_\w+)\)?$", port, re.M))
    found_by_cmake = set()
    for name, (variable, brings) in OPTIONS.items():
        same(f"option '{name}'", table=variable, vcpkg=features.get(name),
             conan=variable if variable in conan.variables else None,
             cmake=variable if variable in options else None)
        found_by_cmake |= {word.lower() for word in brings}
        same(f"what '{name}' needs", cmake=sorted(word.lower() for word in brings),
             conan=sorted(CALLED_BY_CMAKE.get(word, word) for word in conan.needs.get(name, {})),
             vcpkg=sorted(CALLED_BY_CMAKE.get(word, word)
                          for word in vcpkg.get("features", {}).get(name, {}).get("dependencies", [])))
    same("what the options need", table=sorted(found_by_cmake),
         cmake=sorted(word.lower() for word in re.findall(r"find_package\((\w+)", source)))
    for who, words in (("conan", conan.variables), ("vcpkg", set(re.findall(r"PATRON_\w+", port)))):
        for unknown in sorted(words - options):
            faults.append(f"{who} sets {unknown}, which CMake does not have")
        if "PATRON_SHARED" not in words:
            faults.append(f"{who} does not pass on whether the library is shared")

    found = re.search(r"find_package\(Boost ([\d.]+) CONFIG REQUIRED COMPONENTS ([\w ]+)\)", cmake)
    installed = re.search(r"find_dependency\(Boost ([\d.]+) CONFIG COMPONENTS ([\w ]+)\)", config)
    least = re.fullmatch(r"\[>=([\d.]+) <2\]", conan.needs[""].get("boost", ""))
    same("least Boost", cmake=found.group(1), config=installed.group(1), conan=least.group(1) if least else None)
    same("parts of Boost", cmake=sorted(found.group(2).split()), config=sorted(installed.group(2).split()),
         conan=sorted(conan.components))
    same("other needs", conan=sorted(set(conan.needs[""]) - {"boost"}), table=sorted(ALWAYS),
         cmake=sorted(word.lower() for word in re.findall(r"find_package\((\w+)", cmake)
                      if word not in ("Boost", "Threads")))
    plain = {dep for dep in vcpkg["dependencies"] if isinstance(dep, str)} - ALWAYS
    same("Boost libraries", included=sorted(boost_parts(root)), vcpkg=sorted(plain))

    kept_in = set(re.findall(r"^\s*add_store_library\((\w+)", source, re.M))
    targets = set(re.findall(r"add_library\((patron::\w+) ALIAS", source)) | {"patron::" + name for name in kept_in}
    exported = {"patron::" + name.removeprefix("patron_")
                for name in re.search(r"install\(TARGETS ([\w ]+?) EXPORT", source).group(1).split()}
    exported |= {"patron::" + name for name in re.search(r"foreach\(kept_in (store [\w ]+)\)", source).group(1).split()}
    same("targets", cmake=sorted(targets), installed=sorted(exported), conan=sorted(conan.targets),
         vcpkg=sorted(set(re.findall(r"patron::\w+", usage))))
    return faults


BREAKS = [  # file, what stands there, what a slip would make of it, the fault that must be named
    ("include/patron/version.hpp", r"_MINOR (\d+)", "_MINOR 99", "version"),
    ("conan/conanfile.py", r'name = "patron"', 'name = "patrons"', "name"),
    ("conan/conanfile.py", r"boost/\[>=1\.\d+", "boost/[>=1.70", "least Boost"),
    ("conan/conanfile.py", r'"patron::header_only"', '"patron::headers"', "targets"),
    ("conan/conanfile.py", r'"tool": False', '"tool": True', "defaults"),
    ("conan/conanfile.py", r'self\.requires\("fmt[^\n]*', "pass", "what 'tool' needs"),
    ("conan/conanfile.py", r'\["PATRON_SHARED"\]', '["PATRON_SHARDE"]', "conan sets PATRON_SHARDE"),
    ("vcpkg/ports/patron/vcpkg.json", r"BSL-1\.0", "MIT", "licence"),
    ("vcpkg/ports/patron/vcpkg.json", r'    "boost-json",\n', "", "Boost libraries"),
    ("vcpkg/ports/patron/vcpkg.json", r'"tool": \{', '"cli": {', "options"),
    ("vcpkg/ports/patron/vcpkg.json", r'"sqlite3"', '"sqlite"', "what 'sqlite' needs"),
    ("conan/conanfile.py", r'"openssl/[^"]+"', '"libressl/[>=3]"', "other needs"),
    ("conan/conanfile.py", r'add_store\("sqlite"', 'add_store("sqlite3"', "targets"),
    ("vcpkg/ports/patron/portfile.cmake", r"tool PATRON_BUILD_TOOL", "tool PATRON_TOOL", "option 'tool'"),
    ("vcpkg/ports/patron/usage", r"patron::patron", "patron::core", "targets"),
    ("CMakeLists.txt", r"COMPONENTS headers json", "COMPONENTS headers json regex", "parts of Boost"),
    ("src/CMakeLists.txt", r"patron::header_only ALIAS", "patron::inlined ALIAS", "targets"),
    ("src/cmake/config.cmake.in", r"Boost 1\.\d+", "Boost 1.60", "least Boost"),
]


def self_test(root):
    """Each slip in BREAKS, made in a copy, must be named; those that pass unseen."""
    unseen = []
    for path, there, slip, fault in BREAKS:
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder)
            for part in ("CMakeLists.txt", "LICENSE", "include", "src", "conan", "vcpkg"):
                if (root / part).is_dir():
                    shutil.copytree(root / part, copy / part)
                else:
                    shutil.copy(root / part, copy / part)
            text, changes = re.subn(there, lambda _: slip, read(copy, path), count=1)
            (copy / path).write_text(text, encoding="utf-8")
            if not changes or not any(found.startswith(fault) for found in check(copy)):
                unseen.append(f"{path}: '{slip}' is not noticed as a fault of '{fault}'")
    return unseen


def main():
    words = [word for word in sys.argv[1:] if word != "--self-test"]
    root = pathlib.Path(words[0] if words else ".").resolve()
    if "--self-test" in sys.argv:
        faults, done = self_test(root), f"{len(BREAKS)} slips tried"
    else:
        faults, done = check(root), "names, versions, options, needs and targets compared"
    for fault in faults:
        print(f"packaging: {fault}", file=sys.stderr)
    print(f"packaging: {done}, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
