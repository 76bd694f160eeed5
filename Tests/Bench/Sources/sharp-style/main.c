// The usual way of a resize worker (sharp and similar programs): for each size, open the photo again, let
// libvips shrink while it loads, and encode in the photo's own format with sharp's defaults (JPEG and WebP
// quality 80, optimised JPEG Huffman tables, PNG level 6). One thread, cover crops, no metadata, nothing
// enlarged. Processes with the same folder share the photos: each takes the next one that is not taken.
// Prints its processor time, in milliseconds.
//
//     sharp-style FOLDER PHOTO...
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <vips/vips.h>

static double processor_milliseconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static int save(VipsImage *image, const char *path) {
    if (strstr(path, ".png"))
        return vips_pngsave(image, path, "compression", 6, "strip", TRUE, NULL);
    if (strstr(path, ".webp"))
        return vips_webpsave(image, path, "Q", 80, "effort", 4, "strip", TRUE, NULL);
    return vips_jpegsave(image, path, "Q", 80, "optimize_coding", TRUE, "strip", TRUE, NULL);
}

static int shorter_side(const char *photo) {
    VipsImage *header = vips_image_new_from_file(photo, NULL);
    if (!header) vips_error_exit(NULL);
    int side = VIPS_MIN(header->Xsize, header->Ysize);
    g_object_unref(header);
    return side;
}

static int is_taken(const char *folder, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.taken", folder, name);
    int mark = open(path, O_CREAT | O_EXCL | O_WRONLY, 0644);
    if (mark >= 0) close(mark);
    return mark < 0;
}

int main(int count, char **words) {
    if (count < 3 || VIPS_INIT(words[0])) return 2;
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    const int sides[] = {150, 480, 1024, 1920};
    for (int i = 2; i < count; i++) {
        const char *slash = strrchr(words[i], '/');
        const char *name = slash ? slash + 1 : words[i];
        if (is_taken(words[1], name)) continue;
        int most = shorter_side(words[i]);
        for (int size = 0; size < 4; size++) {
            char path[4096];
            VipsImage *image = NULL;
            int side = VIPS_MIN(sides[size], most);
            snprintf(path, sizeof path, "%s/%d-%s", words[1], sides[size], name);
            if (vips_thumbnail(words[i], &image, side, "height", side, "crop",
                               VIPS_INTERESTING_CENTRE, NULL) ||
                save(image, path))
                vips_error_exit(NULL);
            g_object_unref(image);
        }
    }
    printf("%.1f\n", processor_milliseconds());
    vips_shutdown();
    return 0;
}
