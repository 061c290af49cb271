#!/usr/bin/env bash
# Builds the consumers of tests/package as a user would: from an installed copy, static and shared, by
# find_package and pkg-config, and by add_subdirectory. packages.sh [folder to build in]
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
out=${1:-build/package}
rm -rf "$out"
mkdir -p "$out"
out=$(cd "$out" && pwd)

consume() { # NAME, cmake options: configures, builds and runs the consumers
    local name=$1
    shift
    cmake -S tests/package -B "$out/$name" -G Ninja -DCMAKE_BUILD_TYPE=Release "$@" >/dev/null
    cmake --build "$out/$name"
    ctest --test-dir "$out/$name" --output-on-failure --no-tests=error
}

for kind in static shared; do
    shared=OFF
    if [[ $kind == shared ]]; then
        shared=ON
    fi
    cmake -S . -B "$out/patron-$kind" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE=-O1 \
        -DPATRON_SHARED=$shared -DPATRON_POSTGRES=ON -DPATRON_BUILD_TESTS=OFF -DPATRON_BUILD_EXAMPLES=OFF -DPATRON_BUILD_TOOL=OFF \
        -DCMAKE_INSTALL_LIBDIR=lib >/dev/null
    cmake --build "$out/patron-$kind"
    cmake --install "$out/patron-$kind" --prefix "$out/prefix-$kind" >/dev/null
    # moved after it was installed: a package must not remember where it was built
    mv "$out/prefix-$kind" "$out/moved-$kind"
    consume "find-$kind" "-DCMAKE_PREFIX_PATH=$out/moved-$kind"
done
if grep -rlF -e "$root/" "$out/moved-static/lib/cmake" "$out/moved-static/lib/pkgconfig"; then
    echo "packages: the files above name the folder that they were built in" >&2
    exit 1
fi

consume subdirectory "-DPATRON_SOURCE=$root"

if command -v pkg-config >/dev/null; then
    export PKG_CONFIG_PATH=$out/moved-static/lib/pkgconfig
    # shellcheck disable=SC2046
    c++ -std=c++20 conan/test_package/consumer.cpp tests/package/second.cpp \
        $(pkg-config --cflags --libs --static patron) -o "$out/by_pkg_config"
    "$out/by_pkg_config"
    # shellcheck disable=SC2046
    c++ -std=c++20 tests/package/kept.cpp $(pkg-config --cflags --libs patron-stores) -o "$out/kept_by_pkg_config"
    (cd "$out" && ./kept_by_pkg_config)
fi
echo "packages: every consumer builds and runs"
