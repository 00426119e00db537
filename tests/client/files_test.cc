// Goal: containers of type POSIX by daos_fs.h: what is made, mounted and said of them, and every refusal of the
// docstrings.
#include <daos.h>
#include <daos_fs.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <string>

namespace {

class Files : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_EQ(daos_init(), 0);
    ASSERT_EQ(daos_pool_connect("tank", nullptr, DAOS_PC_RW, &pool, nullptr, nullptr), 0);
  }
  static void TearDownTestSuite() {
    EXPECT_EQ(daos_pool_disconnect(pool, nullptr), 0);
    EXPECT_EQ(daos_fini(), 0);
  }
  void TearDown() override {
    if (daos_handle_is_valid(container)) EXPECT_EQ(daos_cont_close(container, nullptr), 0);
    daos_cont_destroy(pool, "files", 1, nullptr);
  }
  int create(dfs_attr_t* attributes, dfs_t** mounted = nullptr) {
    return dfs_cont_create_with_label(pool, "files", attributes, nullptr, &container, mounted);
  }
  bool is_there() {
    daos_handle_t handle;
    if (daos_cont_open(pool, "files", DAOS_COO_RO, &handle, nullptr, nullptr) != 0) return false;
    EXPECT_EQ(daos_cont_close(handle, nullptr), 0);
    return true;
  }

  static inline daos_handle_t pool;
  daos_handle_t container = DAOS_HDL_INVAL;
};

TEST_F(Files, DefaultsAreChosenForTheSystem) {
  dfs_t* mounted = nullptr;
  ASSERT_EQ(create(nullptr, &mounted), 0);
  dfs_attr_t attributes;
  ASSERT_EQ(dfs_query(mounted, &attributes), 0);
  EXPECT_EQ(attributes.da_chunk_size, uint64_t{DFS_DEFAULT_CHUNK_SIZE});
  EXPECT_EQ(attributes.da_oclass_id, 0u);
  EXPECT_EQ(attributes.da_dir_oclass_id, uint32_t{OC_S1});
  EXPECT_EQ(attributes.da_file_oclass_id, uint32_t{OC_S4}) << "two engines of two targets";
  EXPECT_EQ(attributes.da_mode, uint32_t{DFS_RELAXED});
  EXPECT_STREQ(attributes.da_hints, "");
  EXPECT_EQ(attributes.da_props, nullptr);
  EXPECT_EQ(dfs_umount(mounted), 0);
}

TEST_F(Files, WhatWasAskedForIsFoundByTheNextMount) {
  dfs_attr_t wanted{};
  wanted.da_chunk_size = 65536;
  wanted.da_dir_oclass_id = OC_S2;
  wanted.da_file_oclass_id = OC_SX;
  wanted.da_mode = DFS_BALANCED;
  std::strcpy(wanted.da_hints, "dir:max");
  ASSERT_EQ(create(&wanted), 0);
  dfs_t* mounted = nullptr;
  EXPECT_EQ(dfs_mount(pool, container, O_RDWR, &mounted), EPERM) << "it is balanced";
  ASSERT_EQ(dfs_mount(pool, container, O_RDWR | DFS_BALANCED, &mounted), 0);
  dfs_attr_t found;
  ASSERT_EQ(dfs_query(mounted, &found), 0);
  EXPECT_EQ(found.da_chunk_size, 65536u);
  EXPECT_EQ(found.da_dir_oclass_id, uint32_t{OC_S2});
  EXPECT_EQ(found.da_file_oclass_id, uint32_t{OC_SX});
  EXPECT_EQ(found.da_mode, uint32_t{DFS_BALANCED});
  EXPECT_STREQ(found.da_hints, "dir:max");
  EXPECT_EQ(dfs_umount(mounted), 0);
}

TEST_F(Files, TheRootsOwnerIsStored) {
  ASSERT_EQ(create(nullptr), 0);
  daos_prop_t* list = daos_prop_alloc(1);
  list->dpp_entries[0].dpe_type = DAOS_PROP_CO_ROOTS;
  ASSERT_EQ(daos_cont_query(container, nullptr, list, nullptr), 0);
  const daos_obj_id_t superblock =
      static_cast<daos_prop_co_roots*>(daos_prop_entry_get(list, DAOS_PROP_CO_ROOTS)->dpe_val_ptr)->cr_oids[0];
  daos_prop_free(list);
  const auto owner = [&] {  // bytes 64 to 71 of the root's entry
    daos_handle_t object;
    EXPECT_EQ(daos_obj_open(container, superblock, DAOS_OO_RO, &object, nullptr), 0);
    uint32_t numbers[2] = {};
    char slash = '/';
    char name[] = "DFS_INODE";
    daos_key_t dkey;
    d_iov_set(&dkey, &slash, 1);
    daos_recx_t extent{.rx_idx = 64, .rx_nr = sizeof numbers};
    daos_iod_t iod{};
    d_iov_set(&iod.iod_name, name, sizeof name - 1);
    iod.iod_type = DAOS_IOD_ARRAY;
    iod.iod_size = 1;
    iod.iod_nr = 1;
    iod.iod_recxs = &extent;
    d_iov_t iov;
    d_iov_set(&iov, numbers, sizeof numbers);
    d_sg_list_t sgl{.sg_nr = 1, .sg_nr_out = 0, .sg_iovs = &iov};
    EXPECT_EQ(daos_obj_fetch(object, DAOS_TX_NONE, 0, &dkey, 1, &iod, &sgl, nullptr, nullptr), 0);
    EXPECT_EQ(daos_obj_close(object, nullptr), 0);
    return std::pair(numbers[0], numbers[1]);
  };
  EXPECT_EQ(owner(), std::pair(geteuid(), getegid()));
  char group[] = "far@";
  EXPECT_EQ(dfs_cont_set_owner(container, nullptr, -1, group, 4711), 0);
  EXPECT_EQ(owner(), std::pair(geteuid(), gid_t{4711}));
  char nobody[] = "nobody-of-that-name@";
  EXPECT_EQ(dfs_cont_set_owner(container, nobody, -1, nullptr, -1), ENOENT);
  EXPECT_EQ(dfs_cont_set_owner(container, nullptr, 1, nullptr, 1), EINVAL);
  char malformed[] = "alice";
  EXPECT_EQ(dfs_cont_set_owner(container, malformed, 1, nullptr, -1), EINVAL);
}

TEST_F(Files, RefusalsLeaveNothing) {
  dfs_attr_t bad{};
  bad.da_file_oclass_id = OC_RP_2G1;
  EXPECT_EQ(create(&bad), ENOTSUP);
  bad = {};
  bad.da_dir_oclass_id = 0x7f000001;
  EXPECT_EQ(create(&bad), EINVAL);
  bad = {};
  bad.da_mode = 3;
  EXPECT_EQ(create(&bad), EINVAL);
  bad = {};
  std::strcpy(bad.da_hints, "file:wide");
  EXPECT_EQ(create(&bad), EINVAL);
  std::memset(bad.da_hints, 'x', sizeof bad.da_hints);
  EXPECT_EQ(create(&bad), EINVAL) << "no NUL";
  dfs_t* mounted = nullptr;
  EXPECT_EQ(dfs_cont_create_with_label(pool, "files", nullptr, nullptr, nullptr, &mounted), EINVAL);
  EXPECT_EQ(dfs_cont_create_with_label(pool, "a b", nullptr, nullptr, nullptr, nullptr), EINVAL);
  EXPECT_EQ(dfs_cont_create(pool, nullptr, nullptr, nullptr, nullptr), EINVAL);
  EXPECT_EQ(dfs_cont_create_with_label(DAOS_HDL_INVAL, "files", nullptr, nullptr, nullptr, nullptr), EINVAL);
  EXPECT_FALSE(is_there());
  ASSERT_EQ(create(nullptr), 0);
  uuid_t uuid;
  EXPECT_EQ(dfs_cont_create_with_label(pool, "files", nullptr, &uuid, nullptr, nullptr), EEXIST);
  EXPECT_TRUE(is_there());
}

TEST_F(Files, OnlyFilesAreMounted) {
  uuid_t uuid;
  ASSERT_EQ(daos_cont_create_with_label(pool, "files", nullptr, &uuid, nullptr), 0);
  ASSERT_EQ(daos_cont_open(pool, "files", DAOS_COO_RO, &container, nullptr, nullptr), 0);
  dfs_t* mounted = nullptr;
  EXPECT_EQ(dfs_mount(pool, container, O_RDONLY, &mounted), EINVAL);
  EXPECT_EQ(dfs_mount(pool, container, O_RDWR, &mounted), EPERM) << "the handle only reads";
  EXPECT_EQ(dfs_mount(pool, container, O_WRONLY, &mounted), EINVAL);
  EXPECT_EQ(dfs_mount(pool, DAOS_HDL_INVAL, O_RDONLY, &mounted), EINVAL);
  EXPECT_EQ(dfs_mount(pool, container, O_RDONLY, nullptr), EINVAL);
  EXPECT_EQ(dfs_umount(nullptr), EINVAL);
  EXPECT_EQ(dfs_query(nullptr, nullptr), EINVAL);
  char group[] = "users@";
  EXPECT_EQ(dfs_cont_set_owner(container, nullptr, -1, group, 1), EINVAL);
}

TEST_F(Files, AContainerThatSaysPosixButHasNoSuperblockIsNotThereYet) {
  daos_prop_t* list = daos_prop_alloc(1);
  list->dpp_entries[0] = {.dpe_type = DAOS_PROP_CO_LAYOUT_TYPE, .dpe_val = DAOS_PROP_CO_LAYOUT_POSIX};
  uuid_t uuid;
  ASSERT_EQ(daos_cont_create_with_label(pool, "files", list, &uuid, nullptr), 0);
  daos_prop_free(list);
  ASSERT_EQ(daos_cont_open(pool, "files", DAOS_COO_RO, &container, nullptr, nullptr), 0);
  dfs_t* mounted = nullptr;
  EXPECT_EQ(dfs_mount(pool, container, O_RDONLY, &mounted), EIO) << "its second root is nil";
}

}  // namespace
