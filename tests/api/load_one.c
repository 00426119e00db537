/* load_one LIBRARY SYMBOL...: loads the library alone, as a binding at run time does, and finds each symbol; of the
 * error text it also checks that it runs. Prints what is missing. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char** argv) {
  int missing = 0;
  void* library;
  int i;
  if (argc < 2) return 2;
  library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    printf("%s\n", dlerror());
    return 1;
  }
  for (i = 2; i < argc; i++) {
    void* symbol = dlsym(library, argv[i]);
    if (symbol == NULL) {
      printf("%s: no %s\n", argv[1], argv[i]);
      missing++;
    } else if (strcmp(argv[i], "d_errstr") == 0) {
      const char* (*errstr)(int) = (const char* (*)(int))symbol;
      if (strcmp(errstr(-1005), "DER_NONEXIST") != 0) {
        printf("%s: d_errstr(-1005) is %s\n", argv[1], errstr(-1005));
        missing++;
      }
    }
  }
  return missing == 0 && dlclose(library) == 0 ? 0 : 1;
}
