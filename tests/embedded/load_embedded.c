/* load_embedded LIBDAOS STORE: a program that knows DAOS at run time only, as a binding of another language does. Loads
 * the library, uses an embedded store twice, unloads the library in between and at the end. Prints the first error. */
#include <dlfcn.h>
#include <stdio.h>

typedef struct {
  unsigned long cookie;
} handle;

static int use(const char* path, const char* store) {
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) {
    printf("%s\n", dlerror());
    return 1;
  }
  int (*init)(void) = (int (*)(void))dlsym(library, "daos_init");
  int (*fini)(void) = (int (*)(void))dlsym(library, "daos_fini");
  int (*connect)(const char*, const char*, unsigned, handle*, void*, void*) =
      (int (*)(const char*, const char*, unsigned, handle*, void*, void*))dlsym(library, "daos_pool_connect");
  int (*disconnect)(handle, void*) = (int (*)(handle, void*))dlsym(library, "daos_pool_disconnect");
  const char* (*name)(int) = (const char* (*)(int))dlsym(library, "d_errstr");
  handle pool;
  int rc = init();
  if (rc == 0) {
    rc = connect(store, NULL, 2 /* DAOS_PC_RW */, &pool, NULL, NULL);
    if (rc == 0) rc = disconnect(pool, NULL);
    int closed = fini();
    if (rc == 0) rc = closed;
  }
  if (rc != 0) printf("%s\n", name(rc));
  if (dlclose(library) != 0) return 1;
  return rc != 0;
}

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  return use(argv[1], argv[2]) || use(argv[1], argv[2]);
}
